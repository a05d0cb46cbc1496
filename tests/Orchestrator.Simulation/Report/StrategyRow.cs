using Orchestrator.Simulation.Strategies;
using Orchestrator.Simulation.World;

namespace Orchestrator.Simulation.Report;

/// <summary>How one strategy did.</summary>
/// <param name="Strategy">Its name.</param>
/// <param name="Hosts">Hosts that follow it.</param>
/// <param name="Keys">Keys they bonded in all.</param>
/// <param name="Runs">Stages they ran.</param>
/// <param name="Cheats">Of these not computed.</param>
/// <param name="Proven">Of these proven wrong.</param>
/// <param name="Slashes">Times they were slashed.</param>
/// <param name="FalseSlashes">Of these for something they had not done.</param>
/// <param name="Slashed">Part of their funds that was slashed.</param>
/// <param name="ProfitPerHost">What a host made, in usual jobs' pay.</param>
/// <param name="HonestPerHost">What an honest host would have made of the same work, in usual jobs' pay.</param>
/// <param name="Gain">Mean of the difference, in usual jobs' pay.</param>
/// <param name="Error">Half the 95 % confidence interval of <paramref name="Gain"/>.</param>
public sealed record StrategyRow(
    string Strategy, int Hosts, int Keys, long Runs, long Cheats, long Proven, long Slashes, long FalseSlashes, double Slashed, double ProfitPerHost, double HonestPerHost, double Gain, double Error)
{
    /// <summary>It gained over honesty beyond chance.</summary>
    public bool Pays => Gain - Error > 0;

    /// <summary>It lost against honesty beyond chance.</summary>
    public bool Loses => Gain + Error < 0;

    public static StrategyRow Of(Strategy strategy, Network network)
    {
        var hosts = network.Hosts.Where(h => h.Strategy == strategy).ToList();
        double unit = Scenario.Reward(Scenario.Tokens[0]);
        var gains = hosts.Select(h => (network.ProfitOf(h) - h.HonestProfit) / unit).ToList();
        double mean = gains.Average(), variance = gains.Count < 2 ? 0 : gains.Sum(g => (g - mean) * (g - mean)) / (gains.Count - 1);
        return new(
            strategy.Name, hosts.Count, hosts.Sum(h => h.Nodes.Count), hosts.Sum(h => h.Runs), hosts.Sum(h => h.Cheats), hosts.Sum(h => h.Proven),
            hosts.Sum(h => h.Slashes), hosts.Sum(h => h.FalseSlashes), (double)hosts.Sum(h => h.Slashed) / hosts.Sum(h => h.Funds),
            hosts.Average(h => network.ProfitOf(h) / unit), hosts.Average(h => h.HonestProfit / unit), mean, 1.96 * Math.Sqrt(variance / gains.Count));
    }
}
