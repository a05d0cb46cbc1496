namespace Orchestrator.Core.Reputation;

/// <summary>How a score moves and when it bars.</summary>
/// <param name="Lambda">What one observation leaves of all earlier ones, above 0 and below 1.</param>
/// <param name="InitialAlpha">Good observations a newcomer is credited with.</param>
/// <param name="InitialBeta">Bad observations a newcomer is charged with.</param>
/// <param name="Threshold">Below this score a node gets no work, 0 to 1.</param>
/// <param name="HalfLife">
/// Time in which half of what was observed is forgotten, towards the newcomer's score: whoever waits becomes a newcomer again, which a new
/// key would have made it at once.
/// </param>
/// <param name="VettedAfter">Observations before a node counts as known; until then it is audited more and gets less work.</param>
public sealed record ReputationRule(double Lambda, double InitialAlpha, double InitialBeta, double Threshold, TimeSpan HalfLife, int VettedAfter)
{
    /// <summary>
    /// For answers: Storj's audit score (storj/storj a03c727, 2022: λ .999, α₀ 1000, β₀ 0, out below .96). 41 failures in a row bar; from
    /// there 1,391 successes lead back to .99.
    /// </summary>
    public static ReputationRule Correctness { get; } = new(.999, 1000, 0, .96, TimeSpan.FromDays(30), 100);

    /// <summary>For being there: Storj's score of unknown errors (λ .95, suspended below .6), which moves and recovers fast.</summary>
    public static ReputationRule Presence { get; } = new(.95, 20, 0, .6, TimeSpan.FromHours(12), 20);

    /// <summary>Throws when a number is out of range.</summary>
    /// <exception cref="ArgumentException">Names what to change.</exception>
    public void Validate()
    {
        if (Lambda is not (> 0 and < 1))
            throw new ArgumentException("Reputation's lambda must be above 0 and below 1.");
        if (!double.IsFinite(InitialAlpha) || !double.IsFinite(InitialBeta) || InitialAlpha < 0 || InitialBeta < 0 || InitialAlpha + InitialBeta <= 0)
            throw new ArgumentException("Reputation's initial alpha and beta must be 0 or more and not both 0.");
        if (Threshold is not (>= 0 and <= 1))
            throw new ArgumentException("Reputation's threshold must be 0 to 1.");
        if (HalfLife <= TimeSpan.Zero || VettedAfter < 0)
            throw new ArgumentException("Reputation's half-life must be above 0, and its vetting 0 observations or more.");
    }
}
