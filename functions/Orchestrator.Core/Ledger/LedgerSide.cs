using System.Collections.Immutable;

namespace Orchestrator.Core.Ledger;

/// <summary>What a book keeps for the <see cref="TrialBalance"/> beside its balances.</summary>
/// <param name="Deposits">What came in from <see cref="LedgerAccounts.Outside"/>, and what a book older than this record held when it got one.</param>
/// <param name="Suspense">Payouts refused for good, oldest first.</param>
/// <param name="Trail">Latest movements.</param>
public sealed record LedgerSide(long Deposits, ImmutableArray<Suspended> Suspense, Trail Trail)
{
    /// <summary>The side of a book that holds this much and never kept one: brought forward.</summary>
    public static LedgerSide Opening(long holdings) => new(holdings, [], Trail.None);

    /// <summary>Sum of <see cref="Suspense"/>.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public long Suspended => Suspense.Sum(s => s.Amount);

    /// <summary>Adds a movement.</summary>
    public LedgerSide Moved(Movement move) => this with { Trail = Trail.Add(move) };

    /// <summary>Adds to the suspense.</summary>
    public LedgerSide Suspend(Suspended entry) => this with { Suspense = Suspense.Add(entry) };

    /// <summary>Takes from the suspense.</summary>
    public LedgerSide Resolve(Suspended entry) => this with { Suspense = Suspense.Remove(entry) };

    /// <summary>The id that a suspended payout is paid again under: always the same, so that it is paid again once.</summary>
    public static string Again(string id) => "again:" + Contracts.Digest.Of(System.Text.Encoding.UTF8.GetBytes(id)).Value[..32];
}
