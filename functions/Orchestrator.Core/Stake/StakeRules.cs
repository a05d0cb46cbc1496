namespace Orchestrator.Core.Stake;

/// <summary>How stake moves.</summary>
/// <param name="UnbondingDelay">From asking for stake back to getting it; it stays slashable meanwhile. Evidence of faults older than this is refused.</param>
/// <param name="Slashes">What faults cost.</param>
/// <param name="TreasuryAccount">Account of the protocol's part of slashes.</param>
/// <param name="RefundAccount">Account that harmed developers are refunded from.</param>
public sealed record StakeRules(TimeSpan UnbondingDelay, SlashSchedule Slashes, string TreasuryAccount, string RefundAccount)
{
    /// <summary>Seven days, the default schedule.</summary>
    public static StakeRules Default { get; } = new(TimeSpan.FromDays(7), SlashSchedule.Default, "protocol", "refunds");

    /// <summary>Throws unless a fault committed just before unbonding can still be proven and slashed before the stake is gone.</summary>
    /// <param name="challengeWindow">How long a receipt may be challenged.</param>
    /// <param name="longestDispute">How long a dispute may take.</param>
    /// <exception cref="ArgumentException">Names what to change.</exception>
    public void Validate(TimeSpan challengeWindow, TimeSpan longestDispute)
    {
        Slashes.Validate();
        if (UnbondingDelay <= challengeWindow + longestDispute)
            throw new ArgumentException($"The unbonding delay ({UnbondingDelay}) must be longer than the challenge window ({challengeWindow}) and the longest dispute ({longestDispute}) together.");
    }
}
