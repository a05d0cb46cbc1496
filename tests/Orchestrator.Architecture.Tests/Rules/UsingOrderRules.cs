namespace Orchestrator.Architecture.Tests.Rules;

/// <summary>Usings stand sorted, those of System first, as <c>dotnet format</c> puts them. It takes minutes to say so, and the build does not.</summary>
internal static class UsingOrderRules
{
    /// <param name="sources">Path and text of source files.</param>
    public static IEnumerable<string> Violations(IEnumerable<(string Path, string Text)> sources) => sources.SelectMany(s => Violations(s.Path, s.Text));

    private static IEnumerable<string> Violations(string path, string text)
    {
        List<string> names = [.. text.Split('\n')
            .TakeWhile(l => l.StartsWith("using ", StringComparison.Ordinal) || l.Trim().Length == 0)
            .Where(l => l.Length > 0 && !l.Contains('=', StringComparison.Ordinal) && !l.StartsWith("using static ", StringComparison.Ordinal))
            .Select(l => l["using ".Length..].TrimEnd(';', '\r'))];
        var sorted = names.OrderBy(n => n is "System" || n.StartsWith("System.", StringComparison.Ordinal) ? 0 : 1).ThenBy(n => n, StringComparer.OrdinalIgnoreCase);
        if (!names.SequenceEqual(sorted))
            yield return $"{path}: its usings are not sorted, System first. dotnet format does it.";
    }
}
