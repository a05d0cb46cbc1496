using System.Text.RegularExpressions;

namespace Orchestrator.Charts.Tests.Rules;

/// <summary>What dashboards and alerts ask for is what the programs' instruments put out, under the names and labels Prometheus sees.</summary>
internal sealed partial class MetricRules(IReadOnlySet<string> metrics, IReadOnlySet<string> labels)
{
    // Added by Prometheus and its operator, or part of the format.
    private static readonly string[] OthersAdd = ["le", "namespace", "pod", "container", "job", "instance"];

    public IReadOnlyList<string> Violations(string where, string query)
    {
        List<string> violations = [.. Names(query).Where(n => !metrics.Contains(n)).Select(n => $"{where}: no instrument makes {n}")];
        var used = Selector().Matches(query).SelectMany(m => Label().Matches(m.Groups["inside"].Value)).Select(m => m.Groups["name"].Value)
            .Concat(Grouping().Matches(query).SelectMany(m => m.Groups["inside"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)));
        violations.AddRange(used.Distinct().Where(l => !labels.Contains(l) && !OthersAdd.Contains(l)).Select(l => $"{where}: no instrument has label {l}"));
        if (!Names(query).Any())
            violations.Add($"{where}: asks for nothing");
        return violations;
    }

    /// <summary>Names of metrics in a query: whatever stands before a brace or alone as <c>orchestrator_…</c>.</summary>
    public static IEnumerable<string> Names(string query) => Metric().Matches(query).Select(m => m.Groups["name"].Value).Distinct();

    /// <summary>Every name that the instruments of some source text have in Prometheus.</summary>
    public static IEnumerable<string> MetricsOf(string source)
    {
        foreach (Match match in Instrument().Matches(source))
        {
            string unit = match.Groups["unit"].Value switch
            {
                "s" => "_seconds",
                "ms" => "_milliseconds",
                "By" => "_bytes",
                _ => "",
            };
            string name = match.Groups["name"].Value.Replace('.', '_').Replace('-', '_') + unit;
            switch (match.Groups["kind"].Value)
            {
                case "Counter" or "ObservableCounter":
                    yield return name + "_total";
                    break;
                case "Histogram":
                    foreach (string part in new[] { "_bucket", "_sum", "_count" })
                        yield return name + part;
                    break;
                default:
                    yield return name;
                    break;
            }
        }
    }

    /// <summary>Every label that some source text puts on measurements.</summary>
    public static IEnumerable<string> LabelsOf(string source) => Tag().Matches(source).Select(m => m.Groups["name"].Value);

    [GeneratedRegex("""Create(?<kind>Counter|ObservableCounter|UpDownCounter|ObservableUpDownCounter|Gauge|ObservableGauge|Histogram)(<\w+>)?\(\s*"(?<name>[^"]+)"(\s*,\s*[^,;"]+)?\s*,\s*(unit:\s*)?("(?<unit>[^"]*)"|null)""")]
    private static partial Regex Instrument();

    [GeneratedRegex("""(new(\s*KeyValuePair<string, object\?>)?\(|KeyValuePair\.Create(<[^>]+>)?\()\s*["](?<name>[a-z_.]+)["]""")]
    private static partial Regex Tag();

    [GeneratedRegex(@"(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)\s*\{|\b(?<name>(orchestrator|durable|gateway|controller)_[a-z0-9_]+)\b")]
    private static partial Regex Metric();

    [GeneratedRegex(@"\{(?<inside>[^}]*)\}")]
    private static partial Regex Selector();

    [GeneratedRegex("""(?<name>[a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*["][^"]*["]""")]
    private static partial Regex Label();

    [GeneratedRegex(@"\b(by|without|on|ignoring)\s*\((?<inside>[^)]*)\)")]
    private static partial Regex Grouping();
}
