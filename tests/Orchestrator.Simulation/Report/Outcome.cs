using Orchestrator.Simulation.Strategies;
using Orchestrator.Simulation.World;

namespace Orchestrator.Simulation.Report;

/// <summary>What a simulation showed.</summary>
/// <param name="Scenario">What was simulated.</param>
/// <param name="BondInJobs">The bond posted, in usual jobs' pay.</param>
/// <param name="Events">Movements of money booked and checked.</param>
/// <param name="Unserved">Jobs for which no chain was found.</param>
/// <param name="Overturned">Jobs refunded.</param>
/// <param name="Audits">Audits done.</param>
/// <param name="Planted">Planted errors sent.</param>
/// <param name="Disputes">Disputes played out.</param>
/// <param name="EarlyPayouts">Stake or pay that left before its time.</param>
/// <param name="Transcript">SHA-256 over all that was booked: equal for equal seeds.</param>
/// <param name="Rows">By strategy.</param>
public sealed record Outcome(
    Scenario Scenario, double BondInJobs, long Events, long Unserved, long Overturned, long Audits, long Planted, long Disputes, long EarlyPayouts, string Transcript,
    IReadOnlyList<StrategyRow> Rows)
{
    /// <summary>Slashes of hosts that had not done what they were slashed for.</summary>
    public long FalseSlashes => Rows.Sum(r => r.FalseSlashes);

    /// <summary>Strategies that gain over honesty.</summary>
    public IEnumerable<StrategyRow> Profitable => Rows.Where(r => r.Pays);

    /// <summary>Simulates.</summary>
    public static Outcome Of(Scenario scenario)
    {
        var network = new Network(scenario);
        network.Run();
        return new(
            scenario, scenario.Bond / (double)Scenario.Reward(Scenario.Tokens[0]), network.Books.Events, network.Unserved, network.Overturned, network.Audited, network.Planted,
            network.Disputes, network.EarlyPayouts, network.Books.Transcript, [.. AllStrategies.List.Select(s => StrategyRow.Of(s, network))]);
    }
}
