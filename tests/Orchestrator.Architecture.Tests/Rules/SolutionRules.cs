namespace Orchestrator.Architecture.Tests.Rules;

/// <summary>The solution lists every project, and nothing that is not there.</summary>
internal static class SolutionRules
{
    public static IReadOnlyList<string> Violations(string solution, IReadOnlyList<string> projects)
    {
        var listed = solution.Split('"').Where(part => part.EndsWith(".csproj", StringComparison.Ordinal)).Select(p => p.Replace('\\', '/')).ToHashSet();
        return
        [
            .. projects.Where(p => !listed.Contains(p)).Select(p => $"{p} is not in Orchestrator.sln: dotnet sln add it."),
            .. listed.Where(p => !projects.Contains(p)).Order(StringComparer.Ordinal).Select(p => $"Orchestrator.sln lists {p}, which does not exist."),
        ];
    }
}
