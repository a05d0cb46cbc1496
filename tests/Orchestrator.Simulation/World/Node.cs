using Orchestrator.Contracts;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Stake;
using Orchestrator.Simulation.Strategies;

namespace Orchestrator.Simulation.World;

/// <summary>One key of a host.</summary>
public sealed class Node(NodeId id, Host owner, StakeBook stake, NodeReputation reputation)
{
    public NodeId Id => id;

    public Host Owner => owner;

    public StakeBook Stake { get; set; } = stake;

    public NodeReputation Reputation { get; set; } = reputation;

    /// <summary>Pay of jobs not settled yet, in micro-credits.</summary>
    public long OpenReward { get; set; }

    /// <summary>Stages run.</summary>
    public int Runs { get; set; }

    /// <summary>When it asks for its stake back.</summary>
    public DateTimeOffset ExitAt { get; set; } = DateTimeOffset.MaxValue;
}

/// <summary>Who operates nodes and is paid for them.</summary>
public sealed class Host(string account, Strategy strategy)
{
    public string Account => account;

    public Strategy Strategy => strategy;

    public List<Node> Nodes { get; } = [];

    /// <summary>What it brought into the network.</summary>
    public long Funds { get; set; }

    /// <summary>What it spent on computing.</summary>
    public long Cost { get; set; }

    /// <summary>What an honest host would have earned with the same jobs and audits.</summary>
    public long HonestProfit { get; set; }

    public long Runs { get; set; }

    public long Cheats { get; set; }

    public long Proven { get; set; }

    /// <summary>Slashes of something it had not done.</summary>
    public long FalseSlashes { get; set; }

    public long Slashes { get; set; }

    public long Slashed { get; set; }
}
