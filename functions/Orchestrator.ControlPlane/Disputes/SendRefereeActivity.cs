using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Disputes;

/// <summary>Publishes a referee's task; referees ignore repeats.</summary>
public sealed class SendRefereeActivity(Dispatcher dispatcher) : IActivity<RefereeTask, bool>
{
    /// <summary>Registered name.</summary>
    public const string Name = "send-referee";

    /// <inheritdoc />
    public async Task<bool> RunAsync(ActivityContext context, RefereeTask input)
    {
        await dispatcher.SendAsync(input.Node, MessageTypes.RefereeTask, input, ContractsJson.Default.RefereeTask, input.ExpiresAt, context.CancellationToken);
        return true;
    }
}
