using Microsoft.ML.OnnxRuntime;

namespace Orchestrator.Onnx.Execution;

/// <summary>The execution provider of a process, chosen once: every session of a loader runs on it, so its class is the truth.</summary>
/// <param name="Name"><c>cpu</c>, <c>cuda</c> or <c>tensorrt</c>.</param>
/// <param name="Warning">Why a wanted provider is not used; null when nothing was lost.</param>
public sealed record ProviderSelection(string Name, string? Warning)
{
    private const string Cpu = "cpu";
    private const string Cuda = "cuda";
    private const string TensorRt = "tensorrt";

    /// <summary>
    /// Tries the wanted providers on a one-node model, best first. Only what the native library says it has is tried; what then
    /// fails (no driver, no device, an old library) is skipped and named in the warning.
    /// </summary>
    public static ProviderSelection Choose(ProviderPreference preference)
    {
        string[] available = OrtEnv.Instance().GetAvailableProviders();
        List<string> problems = [];
        foreach (string name in Wanted(preference))
        {
            if (!available.Contains(NativeName(name)))
            {
                if (preference != ProviderPreference.Auto)
                    problems.Add($"{name} is not in this build");
                continue;
            }

            string? problem = Try(name);
            if (problem is null)
                return new ProviderSelection(name, Warn(problems, name));
            problems.Add($"{name} failed: {problem}");
        }

        return new ProviderSelection(Cpu, Warn(problems, Cpu));
    }

    /// <summary>Fresh options with this provider appended; CUDA stands behind TensorRT for nodes it does not take.</summary>
    /// <exception cref="OnnxRuntimeException">The provider refuses.</exception>
    /// <exception cref="EntryPointNotFoundException">The native library lacks the provider.</exception>
    public SessionOptions CreateOptions()
    {
        var options = new SessionOptions();
        try
        {
            if (Name == TensorRt)
                options.AppendExecutionProvider_Tensorrt(0);
            if (Name is TensorRt or Cuda)
                options.AppendExecutionProvider_CUDA(0);
            return options;
        }
        catch
        {
            options.Dispose();
            throw;
        }
    }

    private static string[] Wanted(ProviderPreference preference) => preference switch
    {
        ProviderPreference.Cpu => [],
        ProviderPreference.Cuda => [Cuda],
        _ => [TensorRt, Cuda],
    };

    private static string NativeName(string name) => name == TensorRt ? "TensorrtExecutionProvider" : "CUDAExecutionProvider";

    private static string? Try(string name)
    {
        try
        {
            using var options = new ProviderSelection(name, null).CreateOptions();
            using var session = new InferenceSession(ProbeModel.Identity, options);
            return null;
        }
        catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            return e.Message;
        }
    }

    private static string? Warn(List<string> problems, string chosen) =>
        problems.Count == 0 ? null : $"{string.Join("; ", problems)}; running on {chosen}";
}
