namespace Orchestrator.Infra.Tests.Kit;

/// <summary>The repository the tests run in.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string At(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Whether a path names a file that can be run.</summary>
    public static bool IsExecutable(string path) =>
        File.Exists(At(path)) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(At(path)) & UnixFileMode.UserExecute) != 0);

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Orchestrator.sln")))
            folder = folder.Parent;
        return folder.ShouldNotBeNull("tests must run inside the repository").FullName;
    }
}
