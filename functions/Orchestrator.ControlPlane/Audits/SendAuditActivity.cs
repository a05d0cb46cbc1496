using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Audits;

/// <summary>Publishes an audit task; auditors ignore repeats.</summary>
public sealed class SendAuditActivity(Dispatcher dispatcher) : IActivity<AuditTask, bool>
{
    /// <summary>Registered name.</summary>
    public const string Name = "send-audit";

    /// <inheritdoc />
    public async Task<bool> RunAsync(ActivityContext context, AuditTask input)
    {
        await dispatcher.SendAsync(input.Node, MessageTypes.AuditTask, input, ContractsJson.Default.AuditTask, input.ExpiresAt, context.CancellationToken);
        return true;
    }
}
