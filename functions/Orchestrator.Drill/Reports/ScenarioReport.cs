using Orchestrator.Core.Assurance;
using Orchestrator.Core.Ledger;
using Orchestrator.Drill.Cheats;
using Orchestrator.Drill.Platform;

namespace Orchestrator.Drill.Reports;

/// <summary>What came of one cheat at one assurance.</summary>
/// <param name="Cheat">The cheat.</param>
/// <param name="Does">What it does.</param>
/// <param name="Assurance">The assurance.</param>
/// <param name="Jobs">Jobs run.</param>
/// <param name="Trials">Chances to catch it: tries of a job in which it was done, lazy audits, or blind challenges.</param>
/// <param name="Caught">Chances taken.</param>
/// <param name="Rate">Caught of trials; null without trials.</param>
/// <param name="Low">Lower end of the rate's 95 % Wilson interval.</param>
/// <param name="High">Its upper end.</param>
/// <param name="Predicted">Mean probability predicted by the rules; null without trials.</param>
/// <param name="Right">Jobs whose final answer was right.</param>
/// <param name="WrongFinals">Jobs whose final answer was wrong.</param>
/// <param name="Refunded">Jobs that ended without an answer.</param>
/// <param name="Slashed">Cheaters slashed.</param>
/// <param name="SlashedTwice">Evidence that was slashed for more than once, or identities slashed for more than one.</param>
/// <param name="HonestSlashed">Honest nodes slashed.</param>
/// <param name="FalseAlarms">Fingerprints found off although every bit was right; they cost an exact audit and nobody's stake.</param>
/// <param name="Proofs">How often it was proven how.</param>
/// <param name="PaidIn">Micro-credits that the network's hosts brought in.</param>
/// <param name="Difference">What of it no book holds (below 0), or holds too much; 0 when the books close.</param>
/// <param name="Problems">What is not as it should be; empty when all is.</param>
public sealed record ScenarioReport(
    string Cheat,
    string Does,
    string Assurance,
    int Jobs,
    int Trials,
    int Caught,
    double? Rate,
    double Low,
    double High,
    double? Predicted,
    int Right,
    int WrongFinals,
    int Refunded,
    int Slashed,
    int SlashedTwice,
    int HonestSlashed,
    int FalseAlarms,
    IReadOnlyDictionary<string, int> Proofs,
    long PaidIn,
    long Difference,
    IReadOnlyList<string> Problems)
{
    internal static ScenarioReport Of(Cheat cheat, AssuranceLevel level, int jobs, Tally tally, IReadOnlyList<SlashRecord> slashes, Roster roster, TrialBalance balance)
    {
        var interval = tally.Interval;
        var report = new ScenarioReport(
            cheat.Name, cheat.Does, level.Value, jobs, tally.Trials, tally.Caught,
            tally.Trials == 0 ? null : (double)tally.Caught / tally.Trials, interval.Low, interval.High, tally.Predicted,
            tally.Right, tally.Wrong, tally.Refunded,
            slashes.Select(s => s.Node).Distinct().Count(n => roster[n].Cheats),
            slashes.Count - slashes.Select(s => s.Node).Distinct().Count(),
            slashes.Select(s => s.Node).Distinct().Count(n => !roster[n].Cheats),
            tally.FalseAlarms,
            tally.Proofs.ToDictionary(p => p.Key.ToString(), p => p.Value), balance.Debit, balance.Difference, []);
        return report with { Problems = Verdicts.Problems(report) };
    }
}
