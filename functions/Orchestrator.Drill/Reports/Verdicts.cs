using Orchestrator.Drill.Cheats;
using Orchestrator.Drill.Statistics;

namespace Orchestrator.Drill.Reports;

/// <summary>
/// What a drill must show. Rates are tested at 99.99 % rather than at the 95 % that are shown: with dozens of rows, some true
/// prediction would lie outside of its 95 % interval in most drills.
/// </summary>
public static class Verdicts
{
    /// <summary>Two-sided 99.99 %.</summary>
    public const double Z = 3.8905918864131204;

    /// <summary>What is not as it should be.</summary>
    public static IReadOnlyList<string> Problems(ScenarioReport report)
    {
        var problems = new List<string>();
        if (report.HonestSlashed > 0)
            problems.Add($"{report.HonestSlashed} honest nodes were slashed");
        if (report.FalseAlarms > 0)
            problems.Add($"{report.FalseAlarms} fingerprints of right work were found off");
        if (report.Cheat == AllCheats.Nobody && (report.Proofs.Count > 0 || report.Right != report.Jobs))
            problems.Add("nobody cheats, and yet something was found or an answer is missing");
        if (report.Difference != 0)
            problems.Add($"the books do not close: {report.Difference} micro-credits of {report.PaidIn}");
        if (report.SlashedTwice > 0)
            problems.Add($"{report.SlashedTwice} slashes hit somebody who had been slashed");
        if (report.Predicted is { } predicted && !WilsonInterval.Of(report.Caught, report.Trials, Z).Holds(predicted))
            problems.Add($"{report.Caught} of {report.Trials} were caught, {predicted:P1} were predicted");
        // What is not caught may be wrong and final, no more: wrong finals of the chances there were.
        double missed = 1 - (report.Predicted ?? 1);
        if (report.WrongFinals > 0 && WilsonInterval.Of(Math.Min(report.WrongFinals, report.Trials), report.Trials, Z).Low > missed)
            problems.Add($"{report.WrongFinals} wrong answers became final, more than the quoted {missed:P1} of {report.Trials}");
        return problems;
    }
}
