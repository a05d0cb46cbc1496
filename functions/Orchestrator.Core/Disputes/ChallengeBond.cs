using Orchestrator.Core.Ledger;
using Orchestrator.Core.Stake;

namespace Orchestrator.Core.Disputes;

/// <summary>
/// What a challenger sets aside. It must cover what a lost challenge costs the others: judging it, and the defender's answers. It comes back unless the receipt was upheld.
/// </summary>
/// <param name="Amount">Micro-credits, above 0.</param>
/// <param name="DefenderBasisPoints">Part of a forfeited bond for the challenged node's host; the rest is the protocol's, which pays the referee.</param>
public sealed record ChallengeBond(long Amount, int DefenderBasisPoints)
{
    /// <summary>Half to the defender.</summary>
    public static ChallengeBond Of(long amount) => new(amount, 5_000);

    /// <summary>Sets the bond aside.</summary>
    public LedgerEntry Post(string dispute, string challenger, DateTimeOffset now) =>
        LedgerEntry.Of($"challenge:{dispute}", "Challenge bond", now, new(LedgerAccounts.Account(challenger), -Amount), new(Account(dispute), Amount));

    /// <summary>Gives it back, or to the defender and the protocol.</summary>
    /// <param name="dispute">The dispute.</param>
    /// <param name="verdict">How it ended.</param>
    /// <param name="challenger">Account of the challenger.</param>
    /// <param name="defender">Account of the challenged node's host.</param>
    /// <param name="treasury">Account of the protocol.</param>
    /// <param name="now">The time.</param>
    public LedgerEntry Settle(string dispute, DisputeVerdict verdict, string challenger, string defender, string treasury, DateTimeOffset now)
    {
        long compensation = verdict.BondForfeited ? (long)((Int128)Amount * DefenderBasisPoints / SlashSchedule.Whole) : 0;
        return LedgerEntry.Of($"challenge:{dispute}:end", verdict.BondForfeited ? "Challenge bond forfeited" : "Challenge bond returned", now,
            new(Account(dispute), -Amount),
            new(LedgerAccounts.Account(defender), compensation),
            new(LedgerAccounts.Account(verdict.BondForfeited ? treasury : challenger), Amount - compensation));
    }

    private static string Account(string dispute) => $"challenge:{dispute}";
}
