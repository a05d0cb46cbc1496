namespace Orchestrator.Core.Ledger;

/// <summary>One side of a transfer between two books, as the book that keeps it saw it.</summary>
/// <param name="Id">The transfer's id, the same on both sides.</param>
/// <param name="Other">The book on the other side, as <see cref="LedgerAccounts"/> names it.</param>
/// <param name="Amount">Micro-credits, above 0.</param>
/// <param name="In">True where it arrived; false where it left and was confirmed.</param>
/// <param name="At">When this side booked it, by its own clock.</param>
/// <param name="IssuedAt">When the transfer was decided: the same on both sides.</param>
public sealed record Movement(string Id, string Other, long Amount, bool In, DateTimeOffset At, DateTimeOffset IssuedAt);
