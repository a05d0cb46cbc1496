using System.Text;

namespace Orchestrator.Simulation.Report;

/// <summary>Prints an outcome as a Markdown table.</summary>
public static class Table
{
    public static string Of(Outcome outcome)
    {
        var text = new StringBuilder();
        var s = outcome.Scenario;
        text.AppendLine($"{s.Nodes:n0} nodes, {s.Jobs:n0} jobs in {s.Duration.TotalHours:n0} h of virtual time, seed {s.Seed}, bond {outcome.BondInJobs:n0} jobs' pay ({s.BondFactor:p0} of the published one){(s.Known ? ", all nodes known" : "")}.");
        text.AppendLine($"{outcome.Events:n0} movements of money booked, {outcome.Audits:n0} audits, {outcome.Planted:n0} planted errors, {outcome.Disputes:n0} disputes, {outcome.Overturned:n0} jobs overturned, {outcome.Unserved:n0} not served.");
        text.AppendLine($"False slashes: {outcome.FalseSlashes}. Paid out early: {outcome.EarlyPayouts}. Transcript: {outcome.Transcript[..16]}.");
        text.AppendLine();
        text.AppendLine("| strategy | hosts | keys | stages run | cheated | proven | slashes | funds slashed | profit per host | same work, honest | gain (95 % CI) | pays |");
        text.AppendLine("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|");
        foreach (var r in outcome.Rows)
        {
            text.AppendLine($"| {r.Strategy} | {r.Hosts:n0} | {r.Keys:n0} | {r.Runs:n0} | {r.Cheats:n0} | {r.Proven:n0} | {r.Slashes:n0} | {r.Slashed:p1} | {r.ProfitPerHost:n1} | {r.HonestPerHost:n1} | {r.Gain:n1} ± {r.Error:n1} | {(r.Pays ? "yes" : "no")} |");
        }

        return text.ToString();
    }
}
