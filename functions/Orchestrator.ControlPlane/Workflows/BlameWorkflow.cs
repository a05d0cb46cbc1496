using System.Text.Json.Serialization;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>
/// Proves who made two chains of one job differ. Who is proven wrong is slashed by the dispute that proves it.
/// <code>
/// equal tokens    -> the leaves of the stage whose roots differ; its two nodes dispute the first that does
/// other tokens    -> up to the first draw that differs both chains had the same inputs:
///   leaves of all chunks before that draw's, stage by stage; the two nodes dispute the first that differs
///   all equal     -> each stage's node runs the other's stage again, on the other's inputs, up to that chunk, draws included, and disputes what it gets otherwise
/// other draws from equal outputs -> the last stages run each other's work again
/// </code>
/// </summary>
public sealed class BlameWorkflow : IWorkflow<BlameInput, CheckResult>
{
    /// <summary>Registered name.</summary>
    public const string Name = "blame";

    /// <inheritdoc />
    public Task<CheckResult> RunAsync(IWorkflowContext context, BlameInput input) => new BlameRun(context, input).RunAsync();
}

/// <summary>Input of <see cref="BlameWorkflow"/>.</summary>
/// <param name="Accused">The chain that is thought wrong.</param>
/// <param name="Reference">Another chain of the job.</param>
/// <param name="Blame">What their roots and tokens say.</param>
/// <param name="BothWays">Neither is known to be right.</param>
/// <param name="Rules">How long things may take.</param>
public sealed record BlameInput(CheckedChain Accused, CheckedChain Reference, Blame Blame, bool BothWays, CheckRules Rules)
{
    /// <summary>The instance id: the two chains, whoever asks.</summary>
    [JsonIgnore]
    public string Instance => $"blame:{Accused.Chain.Session}:{Reference.Chain.Session}:{Blame.Choice}";

    /// <summary>Whether there is anything that a dispute could be about.</summary>
    public static bool CanProve(Blame blame) => blame is { Kind: BlameKind.Computed, Stage: not null } or { Kind: BlameKind.Drawn or BlameKind.Diverged, Chunk: not null };
}
