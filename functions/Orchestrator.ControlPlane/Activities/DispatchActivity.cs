using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Activities;

/// <summary>Publishes the assignments of chains; nodes ignore repeats.</summary>
public sealed class DispatchActivity(Dispatcher dispatcher) : IActivity<DispatchRequest, bool>
{
    /// <summary>Registered name.</summary>
    public const string Name = "dispatch";

    /// <inheritdoc />
    public async Task<bool> RunAsync(ActivityContext context, DispatchRequest input)
    {
        await dispatcher.AssignAsync(input.Job, input.Chains, context.CancellationToken);
        return true;
    }
}
