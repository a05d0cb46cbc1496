using Orchestrator.Contracts;
using Orchestrator.Sharder.Model;
using Orchestrator.Sharder.Probing;

namespace Orchestrator.Sharder.Checking;

/// <summary>Generates with the whole model, feeding its caches back.</summary>
internal sealed class WholeRunner(IModelRuntime runtime, string path, ModelSignature signature) : IDisposable
{
    private readonly IModelSession session = runtime.Load(path);
    private readonly string[] outputs = [.. signature.Caches.Select(cache => cache.Present), signature.Logits];
    private readonly Dictionary<string, Tensor> caches = signature.Caches.ToDictionary(
        cache => cache.Past, cache => new Tensor(cache.Type, [1, cache.Heads, 0, cache.HeadSize], ReadOnlyMemory<byte>.Empty), StringComparer.Ordinal);

    /// <summary>Runs one pass and returns logits and presents by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Run(ProbePass pass, ReadOnlySpan<long> tokens)
    {
        var inputs = new Dictionary<string, Tensor>(caches, StringComparer.Ordinal);
        foreach (var control in signature.Controls)
            inputs.Add(control.Name, pass.ControlTensor(control.Role, tokens));
        var results = session.Run(inputs, outputs);
        foreach (var cache in signature.Caches)
            caches[cache.Past] = results[cache.Present];
        return results;
    }

    /// <inheritdoc />
    public void Dispose() => session.Dispose();
}
