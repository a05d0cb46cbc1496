using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.ControlPlane.Accounts;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Disputes;
using Orchestrator.Core.Stake;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Disputes;

/// <summary>
/// Ends a challenger's bond: back to its account, or, when the receipt was upheld, half to the defender's host, which had the work of defending itself, and half to the
/// protocol: who challenges its own receipts, to use up the disputes that one answer may have, pays for each.
/// </summary>
public sealed class ChallengeBondActivity(IActorProxyFactory actors) : IActivity<BondEnd, bool>
{
    /// <summary>Registered name.</summary>
    public const string Name = "challenge-bond";

    /// <inheritdoc />
    public async Task<bool> RunAsync(ActivityContext context, BondEnd input)
    {
        var payer = actors.Account(input.Host);
        if (input.ForfeitTo is not { } receiver)
        {
            await payer.ReleaseAsync(input.Hold);
            return true;
        }

        long compensation = (long)((Int128)input.Amount * ChallengeBond.Of(input.Amount).DefenderBasisPoints / SlashSchedule.Whole);
        Payout[] shares = [new($"{input.Hold}:defender", receiver, compensation), new($"{input.Hold}:protocol", ActorNames.ProtocolAccount, input.Amount - compensation)];
        var settled = await payer.SettleAsync(new Settlement(input.Hold, [.. shares.Where(s => s.Amount > 0)], input.At));
        await actors.DeliverAsync(input.Host, settled, "lost challenge");
        return settled.Status == SettleStatus.Settled;
    }
}

/// <summary>What becomes of a challenge bond.</summary>
/// <param name="Hold">The hold.</param>
/// <param name="Host">Whose account.</param>
/// <param name="Amount">Micro-credits.</param>
/// <param name="ForfeitTo">Account that gets it; null to give it back.</param>
/// <param name="At">When it was decided, the same on every repeat.</param>
public sealed record BondEnd(string Hold, string Host, long Amount, string? ForfeitTo, DateTimeOffset At);
