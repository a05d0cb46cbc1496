using Google.Protobuf;
using Orchestrator.Contracts;
using Orchestrator.Sharder.Protobuf;

namespace Orchestrator.Sharder.Model;

/// <summary>A model read, checked, and optimized offline: what shards are cut from, and what a chain is compared with.</summary>
internal sealed record OptimizedModel(ModelProto Source, ModelSignature Signature, IReadOnlyList<string> DroppedOutputs, string Path, ModelProto Proto, ModelGraph Graph)
{
    /// <summary>Prepares a model, with temporary files in <paramref name="folder"/>.</summary>
    /// <exception cref="InvalidDataException">The model is not sound, not a decoder with caches, or the runtime refuses it.</exception>
    public static OptimizedModel Prepare(IModelRuntime runtime, string modelPath, string folder)
    {
        var source = ModelReader.Read(modelPath);
        var signature = ModelSignature.Of(source.Graph);
        _ = ModelGraph.Of(source.Graph);
        var dropped = ModelNormalizer.Normalize(source, signature);
        string normalized = System.IO.Path.Combine(folder, "normalized.onnx"), optimized = System.IO.Path.Combine(folder, "optimized.onnx");
        using (var file = File.Create(normalized))
            source.WriteTo(file);
        source.Graph = null;
        runtime.Optimize(normalized, optimized);
        File.Delete(normalized);
        var proto = ModelReader.Read(optimized);
        if (proto.Functions.Count > 0)
            throw new InvalidDataException("The model has functions that the runtime does not inline; export it without local functions.");
        return new OptimizedModel(source, signature, dropped, optimized, proto, Checked(proto, signature));
    }

    private static ModelGraph Checked(ModelProto proto, ModelSignature signature)
    {
        var graph = ModelGraph.Of(proto.Graph);
        var outputs = signature.Caches.Select(cache => cache.Present).Append(signature.Logits);
        var errors = outputs.Where(name => graph[name].Producer < 0).Select(name => $"Output '{ModelChecks.Printable(name)}' is an input or a constant; nothing computes it.");
        ModelChecks.Throw([.. errors]);
        return graph;
    }
}
