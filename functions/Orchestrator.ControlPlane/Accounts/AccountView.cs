namespace Orchestrator.ControlPlane.Accounts;

/// <summary>An account's books, in micro-credits.</summary>
/// <param name="Account">Account id.</param>
/// <param name="Available">Spendable.</param>
/// <param name="Held">Set aside for jobs in progress.</param>
/// <param name="InFlight">Paid out and not yet confirmed.</param>
/// <param name="Currency">Always <c>micro-credits</c>.</param>
public sealed record AccountView(string Account, long Available, long Held, long InFlight, string Currency = "micro-credits");

/// <summary>Money for an account.</summary>
/// <param name="EventId">Unique for this grant; the same id credits once.</param>
/// <param name="Amount">Micro-credits, above 0.</param>
/// <param name="Reason">For the statement.</param>
/// <param name="IssuedAt">When it was decided; send the same on every repeat. Default: the time of the first request, so that a repeat within the window of remembered ids changes nothing.</param>
public sealed record CreditRequest(string EventId, long Amount, string? Reason = null, DateTimeOffset? IssuedAt = null);
