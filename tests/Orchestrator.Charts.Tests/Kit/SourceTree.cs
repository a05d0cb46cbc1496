namespace Orchestrator.Charts.Tests.Kit;

/// <summary>The sources of what the charts deploy.</summary>
internal static class SourceTree
{
    private static readonly Lazy<IReadOnlyList<string>> Sources = new(() =>
        [.. new[] { "functions", "workers" }.SelectMany(f => Directory.EnumerateFiles(Repository.At(f), "*.cs", SearchOption.AllDirectories))
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}")).Select(File.ReadAllText)]);

    public static IReadOnlyList<string> Texts => Sources.Value;

    public static bool Contains(string text) => Texts.Any(t => t.Contains(text, StringComparison.Ordinal));
}
