using System.CommandLine;

namespace Orchestrator.Trainer.Commands;

/// <summary>The option that names a trained model.</summary>
internal static class ModelOption
{
    public static Option<FileInfo> Create() => new Option<FileInfo>("--model")
    {
        DefaultValueFactory = _ => new FileInfo(Path.Combine("infra", "models", TinyChat.Name, "model.onnx")),
        Description = "A model written by this program.",
    }.AcceptExistingOnly();
}
