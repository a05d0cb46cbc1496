using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Activities;

/// <summary>Frees the nodes of chains whose result is not wanted any more.</summary>
public sealed class CancelChainsActivity(Dispatcher dispatcher) : IActivity<DispatchRequest, bool>
{
    /// <summary>Registered name.</summary>
    public const string Name = "cancel-chains";

    /// <inheritdoc />
    public async Task<bool> RunAsync(ActivityContext context, DispatchRequest input)
    {
        foreach (var chain in input.Chains)
            await dispatcher.CancelAsync(input.Job, chain, context.CancellationToken);
        return true;
    }
}
