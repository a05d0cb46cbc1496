namespace Orchestrator.Cli.Tests;

/// <summary>A key file for one test.</summary>
public sealed class TempKey : IDisposable
{
    public TempKey(string content) => File.WriteAllText(Path, content);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), System.IO.Path.GetRandomFileName());

    public void Dispose() => File.Delete(Path);
}
