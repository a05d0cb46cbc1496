namespace Orchestrator.Core.Accounts;

/// <summary>An account's books. <c>Available + Held + InFlight</c> is all credits less all confirmed payouts.</summary>
/// <param name="Account">Account id.</param>
/// <param name="Available">Spendable.</param>
/// <param name="Held">Sum of open holds.</param>
/// <param name="InFlight">Sum of payouts not yet confirmed.</param>
/// <param name="Version">Rises with every change.</param>
public sealed record AccountState(string Account, long Available, long Held, long InFlight, long Version);
