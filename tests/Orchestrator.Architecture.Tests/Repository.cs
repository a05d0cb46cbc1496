namespace Orchestrator.Architecture.Tests;

/// <summary>The working tree these tests were built in, without what builds leave behind.</summary>
internal static class Repository
{
    private static readonly string[] BuildFolders = ["bin", "obj", "node_modules"];

    public static string Root { get; } = FindRoot();

    /// <summary>Paths of all files with an extension, relative to the root, with forward slashes.</summary>
    public static IReadOnlyList<string> Files(string extension, string folder = "") =>
        [.. Walk(Path.Combine(Root, folder)).Where(f => f.EndsWith(extension, StringComparison.Ordinal)).Select(Relative).Order(StringComparer.Ordinal)];

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static IReadOnlyList<ProjectFile> Projects() => [.. Files(".csproj").Select(p => ProjectFile.Parse(p, Read(p)))];

    private static IEnumerable<string> Walk(string folder)
    {
        if (!Directory.Exists(folder))
            return [];
        var below = Directory.EnumerateDirectories(folder)
            .Where(d => Path.GetFileName(d) is var name && !name.StartsWith('.') && !BuildFolders.Contains(name))
            .SelectMany(Walk);
        return Directory.EnumerateFiles(folder).Concat(below);
    }

    private static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Orchestrator.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No Orchestrator.sln above {AppContext.BaseDirectory}: run these tests from the repository.");
    }
}
