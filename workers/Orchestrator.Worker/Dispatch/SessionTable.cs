using Orchestrator.Contracts;
using Orchestrator.Contracts.DataPlane;
using Orchestrator.Verification;
using Orchestrator.Worker.Edge;
using Orchestrator.Worker.Evidence;
using Orchestrator.Worker.Identity;
using Orchestrator.Worker.Links;
using Orchestrator.Worker.Platform;
using Orchestrator.Worker.Sessions;
using Orchestrator.Worker.Shards;
using Orchestrator.Worker.Timings;

namespace Orchestrator.Worker.Dispatch;

/// <summary>
/// All sessions of this node, as stage and as edge: admits assignments, gives each frame to its session after checking that the sender's
/// certificate is the one the assignment names, and ends sessions whose time, peer or link is gone.
/// </summary>
public sealed partial class SessionTable : ILinkReceiver, IAsyncDisposable
{
    // Longer than an edge waits for its chain: whoever assigned the session has given up by then.
    private static readonly TimeSpan LongestUnopened = EdgeRun.TurnLimit + TimeSpan.FromSeconds(10);

    // Enough for the last results to be published and the last pass to end; a broker that is gone must not keep the process.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private readonly ShardKeeper shards;
    private readonly MemoryBudget memory;
    private readonly StreamDirectory streams;
    private readonly EvidenceStore evidence;
    private readonly ResultPublisher results;
    private readonly SessionContext context;
    private readonly Digest self;
    private readonly int maxSessions;
    private readonly OutgoingLinks links;
    private readonly ITimer sweep;
    private readonly CancellationTokenSource stop = new();

    private readonly Lock gate = new();
    private readonly Dictionary<(UInt128 Session, int Stage), StageSession> stages = [];
    private readonly Dictionary<UInt128, EdgeRun> edges = [];
    private readonly Dictionary<(UInt128 Session, int Stage), Refusal> refused = [];
    private readonly Dictionary<(UInt128 Session, int Stage), DateTimeOffset> seen = [];
    private readonly Dictionary<UInt128, DateTimeOffset> cancelled = [];
    private readonly HashSet<Task> running = [];
    private readonly HeldOpens held;
    private TaskCompletionSource? idle;
    private bool draining;

    /// <summary>Makes an empty table.</summary>
    public SessionTable(
        SigningKey key,
        NodeCertificate certificate,
        ShardKeeper shards,
        MemoryBudget memory,
        StreamDirectory streams,
        EvidenceStore evidence,
        Outbox outbox,
        int maxSessions,
        TimeProvider time,
        ILogger<SessionTable> log,
        TimingStore timings,
        PassLog? passes = null,
        Func<IPassCommitter, IPassCommitter>? aroundCommitter = null,
        Func<SamplingParameters, SamplingParameters>? terms = null)
    {
        (this.shards, this.memory, this.streams, this.evidence, this.maxSessions) = (shards, memory, streams, evidence, maxSessions);
        results = new ResultPublisher(key, outbox);
        self = certificate.Digest;
        links = new OutgoingLinks(certificate, this, time, new Relay.Client.RelayDialer(key));
        context = new SessionContext(key, new FrameRouter(certificate, this, links), time, log, timings, passes, aroundCommitter, terms);
        held = new HeldOpens(time);
        sweep = time.CreateTimer(_ => Sweep(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>Raised when the number of sessions or the draining state changes.</summary>
    public event Action? Changed;

    /// <summary>Sessions open now.</summary>
    public int Active
    {
        get
        {
            lock (gate)
                return stages.Count;
        }
    }

    /// <summary>Whether new sessions are refused.</summary>
    public bool Draining
    {
        get
        {
            lock (gate)
                return draining;
        }
    }

    /// <summary>Takes an assignment over; one that is ill-formed, expired, cancelled or known has no effect.</summary>
    /// <returns>Why it had no effect; null when it was taken, or refused towards its chain.</returns>
    public string? Assign(Assignment assignment)
    {
        if (AssignmentCheck.Problem(assignment, context.Key.Node, context.Time.GetUtcNow()) is { } problem)
            return problem;
        var key = SessionKey.Of(assignment.Session);
        StageSession? session = null;
        EdgeRun? edge = null;
        string? refusal;
        StreamLog? log = null;
        HeldOpens.Held? open;
        lock (gate)
        {
            if (!seen.TryAdd((key, assignment.Stage), assignment.ExpiresAt))
                return "it came before";
            if (cancelled.ContainsKey(key))
                return "it was cancelled";
            if (assignment.Edge is { } task)
                log = streams.Add(assignment.Session, task.StreamTokenDigest, assignment.ExpiresAt);
            refusal = Admit(assignment, out session, out edge, log);
            if (refusal is not null)
                refused[(key, assignment.Stage)] = new Refusal(assignment, new ChainFailure(FailureCodes.Refused, $"Stage {assignment.Stage} refused: {refusal}.", assignment.Stage));
            open = held.Take(key, assignment.Stage);
        }

        if (refusal is not null)
            context.Log.Refused(assignment.Session.Value, assignment.Stage, refusal);
        Changed?.Invoke();
        if (open is not null)
            Receive(open.Frame, open.From);
        if (log is not null)
            Track(edge is not null ? DriveAsync(edge) : RefuseEdgeAsync(assignment, log));
        return null;
    }

    /// <summary>Ends a session, or keeps a later assignment of it from starting.</summary>
    public void Cancel(Cancellation cancellation)
    {
        var key = SessionKey.Of(cancellation.Session);
        StageSession[] ended;
        EdgeRun? edge;
        lock (gate)
        {
            if (cancellation.ExpiresAt > context.Time.GetUtcNow())
                cancelled[key] = cancellation.ExpiresAt;
            ended = [.. stages.Values.Where(s => s.Key == key)];
            edges.TryGetValue(key, out edge);
        }

        edge?.Fail(new ChainFailure(FailureCodes.Cancelled, "The session was cancelled.", null));
        foreach (var session in ended)
            session.Cancel();
    }

    /// <summary>Refuses new sessions from now on and completes when none is left.</summary>
    public Task DrainAsync()
    {
        Task wait;
        lock (gate)
        {
            draining = true;
            idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            CheckIdle();
            wait = idle.Task;
        }

        Changed?.Invoke();
        return wait;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        StageSession[] left;
        EdgeRun[] edgesLeft;
        lock (gate)
        {
            draining = true;
            left = [.. stages.Values];
            edgesLeft = [.. edges.Values];
        }

        foreach (var edge in edgesLeft)
            edge.Fail(new ChainFailure(FailureCodes.Unreachable, "The edge stopped.", 0));
        foreach (var session in left)
            session.Fail(new ChainFailure(FailureCodes.Unreachable, $"Stage {session.Stage} stopped.", session.Stage));
        await DrainAsync().WaitAsync(StopLimit, context.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await stop.CancelAsync();
        Task[] tasks;
        lock (gate)
            tasks = [.. running];
        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await sweep.DisposeAsync();
        await links.DisposeAsync();
        stop.Dispose();
    }

    private string? Admit(Assignment assignment, out StageSession? session, out EdgeRun? edge, StreamLog? log)
    {
        session = null;
        edge = null;
        if (draining)
            return "the node is draining";
        if (stages.Count >= maxSessions)
            return $"its {maxSessions} sessions are taken";
        if (shards.TryHold(assignment.Manifest, assignment.Stage) is not { } shard)
            return "the shard is not ready";
        if (Misfit(assignment, shard) is { } misfit)
        {
            shard.Release();
            return misfit;
        }

        long bytes = assignment.Choices * shard.Engine.SessionBytes(assignment.MaxTokens);
        if (!memory.TryTake(bytes))
        {
            shard.Release();
            return $"the cache's {bytes} bytes do not fit";
        }

        if (evidence.TryOpen(assignment, shard.Shard) is not { } recorder)
        {
            memory.Return(bytes);
            shard.Release();
            return "the session's evidence does not fit beside what is kept";
        }

        session = new StageSession(assignment, shard, recorder, context, ended => Freed(ended, bytes));
        stages.Add((session.Key, session.Stage), session);
        if (log is not null)
        {
            edge = new EdgeRun(assignment, shard.Model, context, log);
            edges.Add(edge.Key, edge);
        }

        return null;
    }

    private string? Misfit(Assignment assignment, LoadedShard shard)
    {
        if (assignment.Hops[assignment.Stage].CertificateDigest != self)
            return "the chain names a certificate this node no longer has";
        var model = shard.Model;
        if (assignment.Hops.Count != model.Stages.Count)
            return $"the chain has {assignment.Hops.Count} stages, the model {model.Stages.Count}";
        if (assignment.MaxTokens > model.ContextLength)
            return $"{assignment.MaxTokens} tokens exceed the model's context of {model.ContextLength}";
        return assignment.Hops.Select(h => h.Layers).SequenceEqual(model.Stages.Select(s => s.Layers)) ? null : "the chain's layers are not the model's";
    }

    private void Freed(StageSession session, long bytes)
    {
        lock (gate)
        {
            stages.Remove((session.Key, session.Stage));
            memory.Return(bytes);
            CheckIdle();
        }

        Changed?.Invoke();
    }

    private void CheckIdle()
    {
        if (draining && stages.Count == 0 && edges.Count == 0)
            idle?.TrySetResult();
    }

    private async Task DriveAsync(EdgeRun edge)
    {
        // The delivery that brought the assignment must not wait for the work.
        await Task.Yield();
        try
        {
            var result = await edge.RunAsync();
            if (result.Failure?.Code != FailureCodes.Cancelled)
                await results.PublishAsync(result, edge.Assignment, stop.Token);
        }
        finally
        {
            lock (gate)
            {
                edges.Remove(edge.Key);
                CheckIdle();
            }

            edge.Dispose();
        }
    }

    private async Task RefuseEdgeAsync(Assignment assignment, StreamLog log)
    {
        await Task.Yield();
        ChainFailure failure;
        lock (gate)
            failure = refused[(SessionKey.Of(assignment.Session), assignment.Stage)].Failure;
        log.Append(0, null, "", failure: failure, last: true);
        await results.PublishAsync(
            new ChainResult(ChainResult.CurrentSchema, context.Key.Node, assignment.Job, assignment.Session, assignment.Chain, assignment.Attempt, 0, [], [], new ChainTiming(0, 0, 0), failure, assignment.Edge!.StreamTokenDigest),
            assignment,
            stop.Token);
    }

    private void Track(Task task)
    {
        lock (gate)
            running.Add(task);
        _ = task.ContinueWith(
            done =>
            {
                lock (gate)
                    running.Remove(done);
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private void Sweep()
    {
        var now = context.Time.GetUtcNow();
        StageSession[] expired, abandoned;
        EdgeRun[] expiredEdges;
        IReadOnlyList<HeldOpens.Held> unheard;
        lock (gate)
        {
            expired = [.. stages.Values.Where(s => s.Assignment.ExpiresAt <= now)];
            abandoned = [.. stages.Values.Where(s => !s.Opened && context.Time.GetElapsedTime(s.Since) > LongestUnopened)];
            expiredEdges = [.. edges.Values.Where(e => e.Assignment.ExpiresAt <= now)];
            unheard = held.TakeExpired();
            Forget(seen, now);
            Forget(cancelled, now);
            foreach (var key in refused.Where(r => r.Value.Assignment.ExpiresAt <= now).Select(r => r.Key).ToArray())
                refused.Remove(key);
        }

        streams.Sweep();
        foreach (var edge in expiredEdges)
            edge.Fail(new ChainFailure(FailureCodes.Expired, "The session's time ran out.", null));
        foreach (var session in abandoned)
            session.Fail(new ChainFailure(FailureCodes.Unreachable, $"Stage {session.Stage} was not opened within {LongestUnopened.TotalSeconds} s.", Math.Max(session.Stage - 1, 0)));
        foreach (var session in expired)
            session.Fail(new ChainFailure(FailureCodes.Expired, $"The session's time ran out at stage {session.Stage}.", session.Stage));
        foreach (var open in unheard)
            RefuseUp(open, $"Stage {open.Frame.Header.Stage} got no assignment within {HeldOpens.Patience.TotalSeconds} s.");
    }

    private static void Forget<T>(Dictionary<T, DateTimeOffset> entries, DateTimeOffset now)
        where T : notnull
    {
        foreach (var key in entries.Where(e => e.Value <= now).Select(e => e.Key).ToArray())
            entries.Remove(key);
    }

    private sealed record Refusal(Assignment Assignment, ChainFailure Failure);
}
