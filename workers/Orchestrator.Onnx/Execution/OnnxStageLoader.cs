using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.OnnxRuntime;
using Orchestrator.Contracts;
using Orchestrator.Onnx.Offline;

namespace Orchestrator.Onnx.Execution;

/// <summary>Loads shards into ONNX Runtime. Thread-safe.</summary>
public sealed class OnnxStageLoader : IStageLoader
{
    private readonly OnnxOptions options;

    /// <summary>Chooses the execution provider.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The thread count is below 1.</exception>
    public OnnxStageLoader(OnnxOptions? options = null)
    {
        this.options = options ?? new OnnxOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(this.options.IntraOpThreads, 1);
        Provider = ProviderSelection.Choose(this.options.Provider);
        Class = new ExecutionClass(
            $"onnxruntime/{OrtEnv.Instance().GetVersionString()}",
            Provider.Name,
            this.options.Optimization == OnlineOptimization.Disabled ? "disabled" : "extended",
            Instructions);
    }

    /// <summary>The provider in use, and what was wanted but failed.</summary>
    public ProviderSelection Provider { get; }

    /// <inheritdoc />
    public ExecutionClass Class { get; }

    private static string Instructions => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.Arm64 => "arm64",
        _ => Fma.IsSupported ? "fma" : "none",
    };

    /// <inheritdoc />
    public Task<IStageEngine> LoadAsync(string path, ModelManifest model, int stage, CancellationToken cancel) =>
        Task.Run<IStageEngine>(() => Load(path, model, stage), cancel);

    private OnnxStageEngine Load(string path, ModelManifest model, int stage)
    {
        if ((uint)stage >= (uint)model.Stages.Count)
            throw new InvalidDataException($"Model {model.Name} has {model.Stages.Count} stages, not {stage + 1}.");
        InferenceSession? session = null;
        try
        {
            using var sessionOptions = CreateOptions();
            session = new InferenceSession(path, sessionOptions);
            ShardCheck.Verify(session, model.Stages[stage], last: stage == model.Stages.Count - 1);
            return new OnnxStageEngine(session, model, model.Stages[stage]);
        }
        catch (OnnxRuntimeException e)
        {
            session?.Dispose();
            throw new InvalidDataException($"ONNX Runtime cannot load stage {stage} of {model.Name}: {e.Message}", e);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    private SessionOptions CreateOptions()
    {
        var created = Provider.CreateOptions();
        created.GraphOptimizationLevel = options.Optimization == OnlineOptimization.Disabled
            ? GraphOptimizationLevel.ORT_DISABLE_ALL
            : GraphOptimizationLevel.ORT_ENABLE_EXTENDED;
        // An original must be optimized as its shards were.
        if (options.Optimization == OnlineOptimization.Extended)
            created.AddSessionConfigEntry(OnnxModelRuntime.DisabledOptimizers, OnnxModelRuntime.SkipFusions);
        created.IntraOpNumThreads = options.IntraOpThreads;
        created.InterOpNumThreads = 1;
        // Several stages share few cores: a spinning pool costs the others three quarters of their speed.
        created.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        // Every pass has another mask length, and a pattern would be kept for each.
        created.EnableMemoryPattern = false;
        return created;
    }
}
