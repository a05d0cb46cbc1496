using Orchestrator.Drill.Workers;

namespace Orchestrator.Cli;

/// <summary>One thing that a network of processes is drilled in: who cheats how, and what has to come of it.</summary>
/// <param name="Cheat">Of <see cref="CheatOrder"/>, or <see cref="Nobody"/>.</param>
/// <param name="Assurance">What jobs ask for.</param>
/// <param name="AtEdge">Whether the cheater holds the first stage; else the last.</param>
/// <param name="Fault">What it must be slashed for, exactly once; null for nothing.</param>
/// <param name="Delivers">Whether answers must be right all the same; else they are overturned and refunded.</param>
/// <param name="Disputed">Whether a referee's verdict in a dispute must be the proof.</param>
/// <param name="Audits">Whether it cheats as auditor: in its own chains it does what it should.</param>
public sealed record NetworkScenario(string Cheat, string Assurance, bool AtEdge, string? Fault, bool Delivers, bool Disputed, bool Audits = false)
{
    /// <summary>The control.</summary>
    public const string Nobody = "nobody";

    /// <summary>Shares of chains are taken up by whoever was slashed before: those that need most chains come first.</summary>
    public static IReadOnlyList<NetworkScenario> All { get; } =
    [
        new(Nobody, "sampled", false, null, true, false),
        new(Nobody, "redundant:2", false, null, true, false),
        new(Nobody, "optimistic", false, null, true, false),
        new(CheatOrder.RandomOutput, "redundant:2", false, "wrong_result", true, true),
        new(CheatOrder.Int8Weights, "redundant:2", true, "wrong_result", true, true),
        new(CheatOrder.SwappedToken, "sampled", true, null, true, false),
        new(CheatOrder.LazyAuditor, "sampled", true, "lazy_audit", true, false, Audits: true),
        new(CheatOrder.RandomOutput, "optimistic", false, "wrong_result", false, true),
        new(CheatOrder.Fp16Weights, "sampled", false, "wrong_result", false, true),
        new(CheatOrder.Equivocation, "sampled", true, "contradiction", true, false),
        new(CheatOrder.WithheldData, "optimistic", true, "withholding", false, false),
        new(CheatOrder.SkippedLayers, "sampled", false, "wrong_result", false, true),
        new(CheatOrder.WrongSampling, "sampled", false, "wrong_result", false, true),
    ];
}
