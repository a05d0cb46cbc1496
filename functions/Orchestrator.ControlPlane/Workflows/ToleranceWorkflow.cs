using System.Text.Json.Serialization;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>
/// Has the nodes of one chain run the stages of another again, which ran in other execution classes, and compares within tolerance.
/// <code>
/// every stage, on the inputs it committed to -> run by the other chain's node of that stage in large passes
///   outputs by fingerprint within calibrated limits, draws within the margin of near-ties -> within, whatever tokens the other chain drew itself
///   beyond       -> a referee of the stage's class runs it again: stage or accuser is proven wrong and slashed; no such referee: undecided
///   no report, or limits that were not calibrated -> undecided; nobody is slashed
/// </code>
/// Stages are judged on their own inputs, so that only the first that lies is blamed for what came of it.
/// </summary>
public sealed class ToleranceWorkflow : IWorkflow<ToleranceInput, CheckResult>
{
    /// <summary>Registered name.</summary>
    public const string Name = "compare-chain";

    /// <inheritdoc />
    public Task<CheckResult> RunAsync(IWorkflowContext context, ToleranceInput input) => new ToleranceRun(context, input).RunAsync();
}

/// <summary>Input of <see cref="ToleranceWorkflow"/>.</summary>
/// <param name="Chain">The chain to run again.</param>
/// <param name="By">The chain whose nodes run it.</param>
/// <param name="Rules">How long things may take.</param>
public sealed record ToleranceInput(CheckedChain Chain, CheckedChain By, CheckRules Rules)
{
    /// <summary>The instance id.</summary>
    [JsonIgnore]
    public string Instance => $"compare:{Chain.Chain.Session}:{By.Chain.Session}:{Chain.Choice}";
}
