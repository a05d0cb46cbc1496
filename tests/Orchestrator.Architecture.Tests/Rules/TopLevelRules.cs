namespace Orchestrator.Architecture.Tests.Rules;

/// <summary>The top level is fixed.</summary>
internal static class TopLevelRules
{
    private static readonly string[] Fixed =
        ["functions", "workers", "charts", "tests", "infra", "dapr-components", "Orchestrator.sln", "README.md", "BannedSymbols.txt", "LICENSE"];

    /// <param name="entries">Names at the top level.</param>
    /// <param name="ignore">Text of <c>.gitignore</c>; folders it names may lie around.</param>
    public static IReadOnlyList<string> Violations(IEnumerable<string> entries, string ignore)
    {
        var ignored = ignore.Split('\n', StringSplitOptions.TrimEntries).Where(l => l.EndsWith('/')).Select(l => l.Trim('/')).ToHashSet();
        return [.. entries
            .Where(e => !e.StartsWith('.') && !Fixed.Contains(e) && !ignored.Contains(e) && !(e.StartsWith("Directory.", StringComparison.Ordinal) && e.EndsWith(".props", StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal)
            .Select(e => $"{e} does not belong at the top level.")];
    }
}
