using Orchestrator.ControlPlane.Diagnostics;
using Orchestrator.ControlPlane.Disputes;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>
/// Settles a challenge of one receipt by the rules of <c>DisputeGame</c>; instance id = dispute id. The workflow only carries questions to the parties and the referee and
/// their answers back: what they mean, and how long there is for each, is decided by the game, so every dispute ends.
/// </summary>
public sealed class DisputeWorkflow(ControlPlaneMetrics metrics) : IWorkflow<DisputeInput, CheckResult>
{
    /// <summary>Registered name.</summary>
    public const string Name = "dispute";

    /// <summary>The version that asks for a challenged stage's inputs while the time for answers runs already; kept for disputes that began with it.</summary>
    public const string First = "1";

    /// <summary>The version that has them first.</summary>
    public const string Second = "2";

    /// <summary>Event with a <see cref="VerdictArrived"/>.</summary>
    public const string VerdictEvent = "verdict";

    /// <inheritdoc />
    public Task<CheckResult> RunAsync(IWorkflowContext context, DisputeInput input) => new DisputeRun(context, input, metrics).RunAsync();
}

/// <summary>Event of a referee's verdict, signature checked.</summary>
public sealed record VerdictArrived(Contracts.RefereeVerdict Verdict, Contracts.Digest Evidence);
