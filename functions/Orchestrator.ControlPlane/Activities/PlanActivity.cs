using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Activities;

/// <summary>
/// Plans chains. Apart from <see cref="DispatchActivity"/>, so that the journal holds who was chosen before anyone is told: a repeated dispatch goes to
/// the same nodes.
/// </summary>
public sealed class PlanActivity(ChainSelection selection) : IActivity<PlanRequest, PlanAnswer>
{
    /// <summary>Registered name.</summary>
    public const string Name = "plan";

    /// <inheritdoc />
    public Task<PlanAnswer> RunAsync(ActivityContext context, PlanRequest input) => selection.PlanAsync(input, context.CancellationToken);
}
