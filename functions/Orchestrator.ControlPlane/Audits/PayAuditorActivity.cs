using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Accounts;
using Orchestrator.Core.Accounts;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Audits;

/// <summary>
/// Pays an auditor's host out of the protocol's account, which collects what assurances cost, once per audit. An account that is short pays
/// nothing: the false is then the only trace, as a debt would let audits be used to drain it.
/// </summary>
public sealed class PayAuditorActivity(IActorProxyFactory actors) : IActivity<AuditorPay, bool>
{
    /// <summary>Registered name.</summary>
    public const string Name = "pay-auditor";

    private static readonly TimeSpan HoldTime = TimeSpan.FromHours(1);

    /// <inheritdoc />
    public async Task<bool> RunAsync(ActivityContext context, AuditorPay input)
    {
        if (input.Amount <= 0)
            return true;
        var protocol = actors.Account(ActorNames.ProtocolAccount);
        string id = $"audit-pay:{input.Audit}";
        var held = await protocol.HoldAsync(new Hold(id, input.Amount, input.At + HoldTime));
        if (held.Status is not (HoldStatus.Held or HoldStatus.Closed))
            return false;
        var settled = await protocol.SettleAsync(new Settlement(id, [new Payout(id, input.Host, input.Amount)], input.At));
        if (settled.Status != SettleStatus.Settled)
            return false;
        await actors.DeliverAsync(ActorNames.ProtocolAccount, settled, $"audit {input.Audit}");
        return true;
    }
}

/// <summary>Pay for an audit.</summary>
/// <param name="Audit">The audit.</param>
/// <param name="Host">The auditor's host.</param>
/// <param name="Amount">Micro-credits.</param>
/// <param name="At">When it was decided, the same on every repeat.</param>
public sealed record AuditorPay(AuditId Audit, string Host, long Amount, DateTimeOffset At);
