using Orchestrator.Contracts;

namespace Orchestrator.Worker.Shards;

/// <summary>
/// Brings what the node holds in line with what the platform wants: fetches and loads missing shards, drops unwanted ones once their
/// sessions have ended. A load that fails is tried again with doubling pauses for as long as it is wanted.
/// </summary>
public sealed class ShardKeeper(ModelFiles files, IStageLoader loader, MemoryBudget memory, TimeProvider time, ILogger<ShardKeeper> log) : IAsyncDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastRetry = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<Digest, Placement> applied = [];
    private readonly Dictionary<(Digest Manifest, int Stage), Slot> slots = [];
    private readonly CancellationTokenSource stop = new();

    /// <summary>Raised after every change of <see cref="Status"/>.</summary>
    public event Action? Changed;

    /// <summary>Takes over a placement; older ones and repeats have no effect.</summary>
    public void Apply(Placement placement)
    {
        var dropped = new List<Slot>();
        lock (gate)
        {
            if (stop.IsCancellationRequested || (applied.TryGetValue(placement.Manifest, out var last) && !Follows(placement, last)))
                return;
            applied[placement.Manifest] = placement;
            foreach (var key in slots.Keys.Where(k => k.Manifest == placement.Manifest && !placement.Stages.Contains(k.Stage)).ToArray())
            {
                slots.Remove(key, out var slot);
                dropped.Add(slot!);
            }

            foreach (int stage in placement.Stages)
            {
                var key = (placement.Manifest, stage);
                if (slots.ContainsKey(key))
                    continue;
                var slot = new Slot(placement.Manifest, stage, CancellationTokenSource.CreateLinkedTokenSource(stop.Token));
                slots.Add(key, slot);
                slot.Running = Task.Run(() => LoadAsync(slot));
            }
        }

        foreach (var slot in dropped)
            Drop(slot);
        Changed?.Invoke();
    }

    /// <summary>Every shard the node holds or is getting.</summary>
    public IReadOnlyList<ShardStatus> Status()
    {
        lock (gate)
            return [.. slots.Values.Select(s => new ShardStatus(s.Manifest, s.Stage, s.State, s.Error)).OrderBy(s => s.Manifest.Value, StringComparer.Ordinal).ThenBy(s => s.Stage)];
    }

    /// <summary>Holds a ready shard for a session; null when the node does not have it ready.</summary>
    public LoadedShard? TryHold(Digest manifest, int stage)
    {
        lock (gate)
            return slots.TryGetValue((manifest, stage), out var slot) && slot.Loaded is { } loaded && loaded.TryHold() ? loaded : null;
    }

    /// <summary>Holds a shard for work that is not a session: the ready one, or one loaded for the time being. The caller releases it.</summary>
    /// <exception cref="InvalidDataException">It cannot be loaded, or does not fit the node's memory.</exception>
    /// <exception cref="FileNotFoundException">The store does not have it.</exception>
    public async Task<LoadedShard> BorrowAsync(Digest manifest, int stage, CancellationToken cancel) =>
        TryHold(manifest, stage) ?? await LoadOnceAsync(manifest, stage, cancel);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Slot[] all;
        lock (gate)
        {
            stop.Cancel();
            all = [.. slots.Values];
            slots.Clear();
        }

        foreach (var slot in all)
            Drop(slot);
        await Task.WhenAll(all.Select(s => s.Running));
        await Task.WhenAll(all.Select(s => s.Loaded?.Unloaded ?? Task.CompletedTask));
        stop.Dispose();
    }

    // A manifest that no model has is dropped under a version that may be far above those it is published with again.
    private static bool Follows(Placement placement, Placement last) =>
        placement.Version > last.Version || (last.Stages.Count == 0 && placement.IssuedAt > last.IssuedAt);

    private static void Drop(Slot slot)
    {
        slot.Cancel.Cancel();
        LoadedShard? loaded;
        lock (slot)
        {
            slot.Dropped = true;
            loaded = slot.Loaded;
        }

        loaded?.Release();
    }

    private async Task LoadAsync(Slot slot)
    {
        var pause = FirstRetry;
        while (!slot.Cancel.IsCancellationRequested)
        {
            try
            {
                Set(slot, ShardState.Loading, null);
                var loaded = await LoadOnceAsync(slot.Manifest, slot.Stage, slot.Cancel.Token);
                bool dropped;
                lock (slot)
                {
                    slot.Loaded = loaded;
                    dropped = slot.Dropped;
                }

                log.Loaded(slot.Manifest.Short, slot.Stage);
                if (dropped)
                    loaded.Release();
                else
                    Set(slot, ShardState.Ready, null);
                return;
            }
            catch (OperationCanceledException) when (slot.Cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                log.LoadFailed(slot.Manifest.Short, slot.Stage, e);
                Set(slot, ShardState.Failed, e.Message.Length > 500 ? e.Message[..500] : e.Message);
            }

            await Task.Delay(pause, time, slot.Cancel.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LastRetry ? pause * 2 : LastRetry;
        }
    }

    private async Task<LoadedShard> LoadOnceAsync(Digest manifest, int stage, CancellationToken cancel)
    {
        var model = await files.ManifestAsync(manifest, stage, cancel);
        long bytes = model.Stages[stage].Bytes;
        if (!memory.TryTake(bytes))
            throw new InvalidDataException($"The shard's {bytes} bytes do not fit the {memory.Total - memory.Used} bytes left of the node's memory: raise MemoryBytes or place it elsewhere.");
        try
        {
            var file = await files.ShardAsync(model, stage, cancel);
            try
            {
                var engine = await loader.LoadAsync(file.Path, model, stage, cancel);
                await WarmUpAsync(manifest, stage, engine);
                return new LoadedShard(manifest, model, stage, engine, loader.Class, () =>
                {
                    file.Dispose();
                    memory.Return(bytes);
                });
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch
        {
            memory.Return(bytes);
            throw;
        }
    }

    private async Task WarmUpAsync(Digest manifest, int stage, IStageEngine engine)
    {
        try
        {
            await Task.Run(() => WarmUp.Run(engine));
        }
        catch (Exception e)
        {
            // Zeros may be no input for this model; its sessions tell.
            log.NotWarm(manifest.Short, stage, e);
        }
    }

    private void Set(Slot slot, ShardState state, string? error)
    {
        lock (gate)
        {
            slot.State = state;
            slot.Error = error;
        }

        Changed?.Invoke();
    }

    private sealed class Slot(Digest manifest, int stage, CancellationTokenSource cancel)
    {
        public Digest Manifest => manifest;

        public int Stage => stage;

        public CancellationTokenSource Cancel => cancel;

        public ShardState State { get; set; }

        public string? Error { get; set; }

        public bool Dropped { get; set; }

        public LoadedShard? Loaded { get; set; }

        public Task Running { get; set; } = Task.CompletedTask;
    }
}
