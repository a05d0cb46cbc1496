using Orchestrator.Contracts;

namespace Orchestrator.Core.Ledger;

/// <summary>Names of the accounts that entries post to.</summary>
public static class LedgerAccounts
{
    private const string Stake = "stake:";
    private const string Spendable = "account:";

    /// <summary>Where money comes from and goes to beyond the platform; the only one that may be below 0.</summary>
    public const string Outside = "outside";

    /// <summary>Money that was slashed and that nobody gets.</summary>
    public const string Burned = "burned";

    /// <summary>A node's bonded stake.</summary>
    public static string Bonded(NodeId node) => $"{Stake}{node}";

    /// <summary>A node's stake on its way out, still slashable.</summary>
    public static string Unbonding(NodeId node) => $"unbonding:{node}";

    /// <summary>What left a node's stake and has not reached its account yet.</summary>
    public static string Payable(NodeId node) => $"payable:{node}";

    /// <summary>A developer's, host's or the protocol's spendable balance.</summary>
    public static string Account(string id) => $"{Spendable}{id}";

    /// <summary>Money set aside for a job.</summary>
    public static string Escrow(JobId job) => $"escrow:{job}";

    /// <summary>Payouts of a node's stake that were refused for good.</summary>
    public static string Suspense(NodeId node) => $"suspense:{node}";

    /// <summary>The book that a payout's account names: a stake's, which has a colon, or else an account's.</summary>
    public static string Receiver(string account) => account.Contains(':', StringComparison.Ordinal) ? account : Account(account);

    /// <summary>What a payout's account says for a book: the reverse of <see cref="Receiver"/>.</summary>
    public static string Named(string book) => TryAccount(book) ?? book;

    /// <summary>Id of the account whose book this is; null when it is another's.</summary>
    public static string? TryAccount(string book) => book.StartsWith(Spendable, StringComparison.Ordinal) ? book[Spendable.Length..] : null;

    /// <summary>The node whose stake's book this is; null when it is another's.</summary>
    public static NodeId? TryStake(string book) => book.StartsWith(Stake, StringComparison.Ordinal) && NodeId.TryParse(book[Stake.Length..], out var node) ? node : null;
}
