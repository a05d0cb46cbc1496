using Orchestrator.Contracts;
using Orchestrator.Sharder.Probing;

namespace Orchestrator.Sharder.Checking;

/// <summary>Generates with the shards of a manifest, one after the other, each with its own caches.</summary>
internal sealed class ChainRunner : IDisposable
{
    private readonly ModelManifest manifest;
    private readonly IModelSession[] sessions;
    private readonly Dictionary<string, Tensor>[] caches;

    public ChainRunner(IModelRuntime runtime, ModelManifest manifest, Func<int, string> shardPath)
    {
        this.manifest = manifest;
        sessions = new IModelSession[manifest.Stages.Count];
        caches = [.. manifest.Stages.Select(stage => stage.Caches.ToDictionary(cache => cache.Past, Empty, StringComparer.Ordinal))];
        try
        {
            for (int stage = 0; stage < sessions.Length; stage++)
                sessions[stage] = runtime.Load(shardPath(stage));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Runs one pass through all stages and returns logits and presents by name.</summary>
    /// <exception cref="InvalidDataException">A stage makes something else than the manifest says.</exception>
    public IReadOnlyDictionary<string, Tensor> Run(ProbePass pass, ReadOnlySpan<long> tokens)
    {
        var all = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var received = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var stage in manifest.Stages)
        {
            var results = RunStage(stage, pass, tokens, received);
            foreach (var (name, tensor) in results)
                all[name] = tensor;
            received = stage.Sends.ToDictionary(send => send.Name, send => send.Consumed ? results[send.Name] : received[send.Name], StringComparer.Ordinal);
            foreach (var send in stage.Sends)
                CheckSize(stage.Stage, send, received[send.Name], pass);
        }

        return all;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var session in sessions)
            session?.Dispose();
    }

    private IReadOnlyDictionary<string, Tensor> RunStage(ShardManifest stage, ProbePass pass, ReadOnlySpan<long> tokens, Dictionary<string, Tensor> received)
    {
        var inputs = new Dictionary<string, Tensor>(caches[stage.Stage], StringComparer.Ordinal);
        foreach (var input in stage.ModelInputs)
            inputs.Add(input.Name, pass.ControlTensor(input.Role, tokens));
        foreach (var tensor in stage.Receives.Where(tensor => tensor.Consumed))
            inputs.Add(tensor.Name, received[tensor.Name]);
        string[] outputs = [.. stage.Sends.Where(send => send.Consumed).Select(send => send.Name), .. stage.Caches.Select(cache => cache.Present)];
        var results = sessions[stage.Stage].Run(inputs, outputs);
        foreach (var cache in stage.Caches)
            caches[stage.Stage][cache.Past] = results[cache.Present];
        return results;
    }

    private static void CheckSize(int stage, BoundaryTensor send, Tensor tensor, ProbePass pass)
    {
        long[] shape = [.. send.Spec.Shape.Select(axis => TensorSizes.Resolve(axis, pass.Batch, pass.Sequence, pass.Total))];
        if (tensor.Type != send.Spec.ElementType || !tensor.Shape.AsSpan().SequenceEqual(shape))
        {
            throw new InvalidDataException(
                $"Stage {stage} sends '{send.Name}' as {tensor.Type} [{string.Join(", ", tensor.Shape)}]; the manifest makes that {send.Spec.ElementType} [{string.Join(", ", shape)}].");
        }
    }

    private static Tensor Empty(CacheTensor cache) =>
        new(cache.Spec.ElementType, [.. cache.Spec.Shape.Select(axis => TensorSizes.Resolve(axis, batch: 1, sequence: 0, total: 0))], ReadOnlyMemory<byte>.Empty);
}
