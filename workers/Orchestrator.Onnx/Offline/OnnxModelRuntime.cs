using Microsoft.ML.OnnxRuntime;
using Orchestrator.Contracts;

namespace Orchestrator.Onnx.Offline;

/// <summary>ONNX Runtime on the CPU, one thread: for sharding and checking, not for serving.</summary>
public sealed class OnnxModelRuntime : IModelRuntime
{
    internal const string DisabledOptimizers = "optimization.disable_specified_optimizers";

    // A fused skip connection leaves two tensors live between layers instead of one, and buys nothing worth that.
    internal const string SkipFusions = "SkipLayerNormFusion;BiasSkipLayerNormFusion";

    /// <inheritdoc />
    public void Optimize(string modelPath, string optimizedPath)
    {
        using var options = Options(GraphOptimizationLevel.ORT_ENABLE_EXTENDED);
        options.OptimizedModelFilePath = optimizedPath;
        options.AddSessionConfigEntry(DisabledOptimizers, SkipFusions);
        Guard(modelPath, () =>
        {
            using var session = new InferenceSession(modelPath, options);
            return true;
        });
    }

    /// <inheritdoc />
    public IModelSession Load(string modelPath)
    {
        using var options = Options(GraphOptimizationLevel.ORT_DISABLE_ALL);
        return new OnnxModelSession(Guard(modelPath, () => new InferenceSession(modelPath, options)));
    }

    private static SessionOptions Options(GraphOptimizationLevel level)
    {
        var options = new SessionOptions
        {
            GraphOptimizationLevel = level,
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return options;
    }

    private static T Guard<T>(string modelPath, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"ONNX Runtime refuses {Path.GetFileName(modelPath)}: {e.Message}", e);
        }
    }
}
