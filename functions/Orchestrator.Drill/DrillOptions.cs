using Orchestrator.Core.Assurance;

namespace Orchestrator.Drill;

/// <summary>What to drill.</summary>
public sealed record DrillOptions
{
    /// <summary>The ONNX model the network runs.</summary>
    public required string ModelPath { get; init; }

    /// <summary>Jobs of every cheat, over all its assurances; sampled gets twice the share of others, since it catches least. Default 1,000.</summary>
    public int Jobs { get; init; } = 1000;

    /// <summary>Names of the cheats; empty for all.</summary>
    public IReadOnlyList<string> Cheats { get; init; } = [];

    /// <summary>Assurances to drill each cheat with.</summary>
    public IReadOnlyList<AssuranceLevel> Assurances { get; init; } = [AssuranceLevel.Sampled, AssuranceLevel.Redundant(2), AssuranceLevel.Optimistic];

    /// <summary>Seed of everything that is random. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Stages the model is cut into. Default 3.</summary>
    public int Stages { get; init; } = 3;

    /// <summary>Hosts per stage; a third of them cheat. Default 6.</summary>
    public int HostsPerStage { get; init; } = 6;

    /// <summary>Scenarios run at a time. Default: the machine's cores.</summary>
    public int Parallel { get; init; } = Environment.ProcessorCount;

    /// <summary>Throws when something cannot be drilled.</summary>
    /// <exception cref="ArgumentException">Names what to change.</exception>
    public void Validate()
    {
        if (Jobs < 1 || Parallel < 1)
            throw new ArgumentException("A drill needs at least 1 job and 1 scenario at a time.");
        if (Stages < 3)
            throw new ArgumentException("A drill needs at least 3 stages: some cheats are for those between others.");
        if (HostsPerStage < 6)
            throw new ArgumentException("A drill needs at least 6 hosts per stage, so that 2 cheat and the others can still disagree with them.");
    }
}
