namespace Orchestrator.Onnx.Execution;

/// <summary>How shards are run.</summary>
/// <param name="Provider">Where kernels run.</param>
/// <param name="IntraOpThreads">Threads of one pass, 1 or more. 1 runs on the caller's thread.</param>
/// <param name="Optimization">Shards are optimized before they are cut, so only an uncut original asks for more than nothing.</param>
public sealed record OnnxOptions(
    ProviderPreference Provider = ProviderPreference.Auto,
    int IntraOpThreads = 1,
    OnlineOptimization Optimization = OnlineOptimization.Disabled);

/// <summary>Where kernels should run.</summary>
public enum ProviderPreference
{
    /// <summary>TensorRT, else CUDA, else the processor.</summary>
    Auto,

    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>CUDA, else the processor with a warning.</summary>
    Cuda,

    /// <summary>TensorRT, else CUDA, else the processor with a warning.</summary>
    TensorRt,
}

/// <summary>What the runtime may change in a graph when it loads it.</summary>
public enum OnlineOptimization
{
    /// <summary>Nothing.</summary>
    Disabled,

    /// <summary>What the sharder does offline: an original run this way gives the bits of its shards.</summary>
    Extended,
}
