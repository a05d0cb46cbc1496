namespace Orchestrator.Cli;

/// <summary>The small model that ships with the command.</summary>
public static class BundledModel
{
    /// <summary>The name it is published under.</summary>
    public const string Name = "tiny-chat";

    /// <summary>Its ONNX file.</summary>
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "models", Name, "model.onnx");
}
