using Orchestrator.Contracts;
using Orchestrator.Disputes.Parties;
using Orchestrator.Disputes.Traces;
using Orchestrator.Verification;
using Orchestrator.Worker.Evidence;
using Orchestrator.Worker.Shards;

namespace Orchestrator.Worker.Disputes;

/// <summary>
/// The traces of disputes this node is a party of, as defender from its own evidence or as challenger from a blob. A trace is made at its first query
/// and dropped when nobody asked for a while. One replay runs at a time.
/// </summary>
public sealed class TraceDesk(
    SigningKey key,
    IModelRuntime runtime,
    Func<ExecutionClass> executionClass,
    ModelFiles files,
    MemoryBudget memory,
    EvidenceStore evidence,
    BlobCache blobs,
    TimeProvider time,
    ILogger<TraceDesk> log) : IAsyncDisposable
{
    /// <summary>Most traces at a time.</summary>
    public const int MostTraces = 4;

    /// <summary>A trace that was not asked about for so long is dropped.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(30);

    private const long SnapshotBytes = 64L << 20;

    private readonly Lock gate = new();
    private readonly Dictionary<TraceKey, TraceEntry> traces = [];
    private readonly SemaphoreSlim one = new(1);
    private readonly CancellationTokenSource stop = new();

    /// <summary>The trace a query asks about, running or ready; null when there are too many.</summary>
    public TraceEntry? Find(TraceQuery query)
    {
        var wanted = TraceKey.Of(query);
        var now = time.GetUtcNow();
        lock (gate)
        {
            foreach (var (old, entry) in traces.Where(t => t.Value.Until <= now || t.Value.Failed).ToArray())
            {
                traces.Remove(old);
                _ = entry.DisposeAsync().AsTask();
            }

            if (!traces.TryGetValue(wanted, out var found))
            {
                if (traces.Count >= MostTraces || stop.IsCancellationRequested)
                    return null;
                var cancel = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
                traces[wanted] = found = new TraceEntry(cancel, Task.Run(() => MakeAsync(query, cancel.Token), CancellationToken.None));
            }

            found.Until = now + Idle;
            return found;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        TraceEntry[] all;
        lock (gate)
        {
            stop.Cancel();
            all = [.. traces.Values];
            traces.Clear();
        }

        foreach (var entry in all)
            await entry.DisposeAsync();
        one.Dispose();
        stop.Dispose();
    }

    private async Task<OpenTrace> MakeAsync(TraceQuery query, CancellationToken cancel)
    {
        var resources = new Stack<IDisposable>();
        try
        {
            await one.WaitAsync(cancel);
            try
            {
                var model = await files.ManifestAsync(query.Manifest, query.Stage, cancel);
                var shard = model.Stages[query.Stage];
                // The loaded shard, the parsed one while it is cut, and caches.
                long bytes = checked(3 * shard.Bytes + SnapshotBytes);
                if (!memory.TryTake(bytes))
                    throw new InsufficientMemoryException($"The trace needs {bytes} bytes of the node's memory, which are not free now.");
                resources.Push(new Returned(() => memory.Return(bytes)));
                var inputs = new InputFilePasses(await InputsAsync(query, resources, cancel), shard, query.PromptTokens, query.Tokens);
                int passes = ChunkPlan.All(query.PromptTokens, query.Tokens).Take(query.Chunk + 1).Sum(chunk => chunk.Passes);
                var traced = await LoadAsync(model, query.Stage, cancel);
                resources.Push(traced);
                var trace = new StageTrace(traced, inputs, passes, SnapshotBytes);
                trace.Complete(cancel);
                return new OpenTrace(new TraceParty(trace, executionClass(), key, time), resources);
            }
            finally
            {
                one.Release();
            }
        }
        catch (Exception e)
        {
            foreach (var resource in resources)
                resource.Dispose();
            if (!cancel.IsCancellationRequested)
                log.CannotTrace(query.Session.Value, query.Stage, e);
            throw;
        }
    }

    private async Task<TracedShard> LoadAsync(ModelManifest model, int stage, CancellationToken cancel)
    {
        using var file = await files.ShardAsync(model, stage, cancel);
        return TracedShard.Load(runtime, file.Path, model, stage);
    }

    private async Task<Func<Stream>> InputsAsync(TraceQuery query, Stack<IDisposable> resources, CancellationToken cancel)
    {
        if (query.Inputs is not { } blob)
        {
            Stream Own() => evidence.Open(query.Session, query.Stage, query.Choice, EvidenceKind.Inputs)
                ?? throw new FileNotFoundException("Nothing is kept of this session, stage and choice.");
            await Own().DisposeAsync();
            return Own;
        }

        var held = await blobs.HoldAsync(blob, query.InputBytes, cancel);
        resources.Push(held);
        return () => File.OpenRead(held.Path);
    }

    private sealed class Returned(Action action) : IDisposable
    {
        public void Dispose() => action();
    }

    private readonly record struct TraceKey(SessionId Session, Digest Manifest, int Stage, int Choice, int PromptTokens, int Tokens, int Chunk, Digest? Inputs)
    {
        public static TraceKey Of(TraceQuery q) => new(q.Session, q.Manifest, q.Stage, q.Choice, q.PromptTokens, q.Tokens, q.Chunk, q.Inputs);
    }
}
