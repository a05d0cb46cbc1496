namespace Orchestrator.Charts.Tests.Kit;

/// <summary>The sources of what the charts deploy.</summary>
internal static class SourceTree
{
    private static readonly Lazy<IReadOnlyList<string>> Sources = new(() =>
        [.. new[] { "functions", "workers" }.SelectMany(f => Directory.EnumerateFiles(Repository.At(f), "*.*", SearchOption.AllDirectories))
            // The Functions host reads names of settings from host.json.
            .Where(f => f.EndsWith(".cs", StringComparison.Ordinal) || Path.GetFileName(f) == "host.json")
            .Where(f => !new[] { "obj", "bin" }.Any(built => f.Contains($"{Path.DirectorySeparatorChar}{built}{Path.DirectorySeparatorChar}"))).Select(File.ReadAllText)]);

    public static IReadOnlyList<string> Texts => Sources.Value;

    public static bool Contains(string text) => Texts.Any(t => t.Contains(text, StringComparison.Ordinal));
}
