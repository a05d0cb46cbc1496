using System.Text.RegularExpressions;

namespace Orchestrator.Architecture.Tests.Rules;

/// <summary>Logs are written by generated methods, and an event id means one thing in an assembly: alerts and runbooks name it.</summary>
internal static partial class LogRules
{
    /// <param name="files">Path and text of source files.</param>
    public static IReadOnlyList<string> Violations(IEnumerable<(string Path, string Text)> files)
    {
        var violations = new List<string>();
        var seen = new Dictionary<(string Assembly, int Id), string>();
        foreach (var (path, text) in files)
        {
            string assembly = string.Join('/', path.Split('/').Take(2));
            foreach (Match match in Generated().Matches(text))
            {
                if (!match.Groups["id"].Success)
                    violations.Add($"{path} has a log method without an event id.");
                else if (!seen.TryAdd((assembly, int.Parse(match.Groups["id"].Value)), path))
                    violations.Add($"{path} uses event id {match.Groups["id"].Value}, which {seen[(assembly, int.Parse(match.Groups["id"].Value))]} has.");
            }

            foreach (Match match in ByHand().Matches(text))
                violations.Add($"{path} calls {match.Value.Trim('.', '(')}: write a method with [LoggerMessage].");
        }

        return violations;
    }

    [GeneratedRegex(@"\[LoggerMessage\((?:(?:EventId\s*=\s*)?(?<id>\d+))?")]
    private static partial Regex Generated();

    [GeneratedRegex(@"\.Log(?:Trace|Debug|Information|Warning|Error|Critical)\(")]
    private static partial Regex ByHand();
}
