using Orchestrator.Contracts;

namespace Orchestrator.Simulation.World;

/// <summary>A job between its answer and its settlement.</summary>
public sealed class Job(JobId id, int tokens, long charge, Node[] nodes, bool[] cheated, DateTimeOffset at)
{
    public JobId Id => id;

    public int Tokens => tokens;

    public long Charge => charge;

    public Node[] Nodes => nodes;

    /// <summary>Which stages were not computed.</summary>
    public bool[] Cheated => cheated;

    public DateTimeOffset At => at;

    /// <summary>Which stages were proven wrong.</summary>
    public bool[] Proven { get; } = new bool[nodes.Length];

    /// <summary>Pay per stage.</summary>
    public long Reward { get; } = Scenario.Reward(tokens);
}

/// <summary>An audit that was drawn.</summary>
public sealed record Audit(Job Job, int Stage, bool Exact, bool Planted, byte[] Signature);
