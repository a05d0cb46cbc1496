namespace Orchestrator.Disputes.Traces;

/// <summary>A temporary file of its own folder, gone on dispose.</summary>
internal sealed class ScratchFile : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestrator-trace-");

    public string Path => System.IO.Path.Combine(folder.FullName, "model.onnx");

    public void Dispose() => folder.Delete(recursive: true);
}
