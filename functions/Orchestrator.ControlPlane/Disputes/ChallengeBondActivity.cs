using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.Core.Accounts;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Disputes;

/// <summary>
/// Ends a challenger's bond: back to its account, or, when the receipt was upheld, to the defender's host, which had the work of defending itself. A challenger
/// that is its own defender gains nothing by that.
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

        var settled = await payer.SettleAsync(new Settlement(input.Hold, [new Payout(input.Hold, receiver, input.Amount)], input.At));
        foreach (var payout in settled.Payouts)
        {
            var credit = await actors.Account(payout.Account).CreditAsync(new Credit(payout.EventId, payout.Amount, "lost challenge", settled.IssuedAt));
            if (credit.Status != CreditStatus.TooOld)
                await payer.ConfirmPayoutsAsync([payout.EventId]);
        }

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
