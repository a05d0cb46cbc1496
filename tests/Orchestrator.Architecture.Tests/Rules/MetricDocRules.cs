using System.Text.RegularExpressions;

namespace Orchestrator.Architecture.Tests.Rules;

/// <summary>The table of metrics says of every instrument what the instrument says of itself, and of nothing else.</summary>
internal static partial class MetricDocRules
{
    /// <param name="sources">Path and text of source files.</param>
    /// <param name="table">Text of the document.</param>
    public static IReadOnlyList<string> Violations(IEnumerable<(string Path, string Text)> sources, string table)
    {
        var files = sources.ToList();
        List<string> violations = [.. files.SelectMany(f => Owner().Matches(f.Text).Where(m => !m.Groups["name"].Value.StartsWith("Orchestrator.", StringComparison.Ordinal))
            .Select(m => $"{f.Path}: '{m.Groups["name"].Value}' must start with 'Orchestrator.', or nobody collects it."))];
        var rows = table.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).ToHashSet();
        var wanted = files.SelectMany(f => Instrument().Matches(f.Text)).Select(m => Row(m)).ToList();
        violations.AddRange(wanted.Where(row => !rows.Any(r => r.StartsWith(row, StringComparison.Ordinal))).Select(row => $"The table of metrics has no row '{row}'."));
        violations.AddRange(rows.Where(r => !wanted.Any(row => r.StartsWith(row, StringComparison.Ordinal))).Select(r => $"No instrument makes the row '{r}'."));
        return violations;
    }

    private static string Row(Match instrument)
    {
        string name = instrument.Groups["name"].Value;
        string unit = instrument.Groups["unit"].Value switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        string kind = instrument.Groups["kind"].Value;
        return $"| `{name.Replace('.', '_')}{unit}{(kind == "Counter" ? "_total" : "")}` | {(kind == "UpDownCounter" ? "gauge" : kind.ToLowerInvariant())} | {instrument.Groups["text"].Value} |";
    }

    [GeneratedRegex("""Create(?<kind>Counter|UpDownCounter|Histogram|Gauge)(<\w+>)?\(\s*"(?<name>[^"]+)",\s*"(?<unit>[^"]+)",\s*"(?<text>[^"]+)""")]
    private static partial Regex Instrument();

    [GeneratedRegex("""new (Meter|ActivitySource)\("(?<name>[^"]*)""")]
    private static partial Regex Owner();
}
