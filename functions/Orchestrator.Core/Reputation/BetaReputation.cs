namespace Orchestrator.Core.Reputation;

/// <summary>
/// A Beta(α, β) score with forgetting: a good observation makes α = λα + 1, β = λβ, a bad one α = λα, β = λβ + 1 (Jøsang and Ismail 2002;
/// constants as in Storj), and what was observed fades with time towards the newcomer's score.
/// </summary>
/// <param name="Alpha">Weight of good observations.</param>
/// <param name="Beta">Weight of bad observations.</param>
/// <param name="Observations">Number of observations ever.</param>
/// <param name="UpdatedAt">Up to when time was counted.</param>
public sealed record BetaReputation(double Alpha, double Beta, long Observations, DateTimeOffset UpdatedAt)
{
    /// <summary>A node of which nothing is known.</summary>
    public static BetaReputation Newcomer(ReputationRule rule, DateTimeOffset now) => new(rule.InitialAlpha, rule.InitialBeta, 0, now);

    /// <summary>α / (α + β) as of <see cref="UpdatedAt"/>: use <see cref="Standing"/> to decide or show.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public double Score => Alpha / (Alpha + Beta);

    /// <summary>The reputation at a later time, with what was observed faded. An earlier time changes nothing.</summary>
    public BetaReputation At(DateTimeOffset now, ReputationRule rule)
    {
        if (now <= UpdatedAt)
            return this;
        double left = Math.Pow(.5, (now - UpdatedAt) / rule.HalfLife);
        return this with
        {
            Alpha = rule.InitialAlpha + (Alpha - rule.InitialAlpha) * left,
            Beta = rule.InitialBeta + (Beta - rule.InitialBeta) * left,
            UpdatedAt = now,
        };
    }

    /// <summary>Counts one observation.</summary>
    public BetaReputation Observe(bool good, ReputationRule rule, DateTimeOffset now)
    {
        var faded = At(now, rule);
        return faded with
        {
            Alpha = rule.Lambda * faded.Alpha + (good ? 1 : 0),
            Beta = rule.Lambda * faded.Beta + (good ? 0 : 1),
            Observations = faded.Observations + 1,
        };
    }

    /// <summary>The one number that both decides and is shown, with its distance to the threshold.</summary>
    public Standing Standing(ReputationRule rule, DateTimeOffset now)
    {
        var faded = At(now, rule);
        return new(faded.Score, rule.Threshold, faded.Score - rule.Threshold, faded.Observations, faded.Observations >= rule.VettedAfter);
    }
}

/// <summary>Where a score stands.</summary>
/// <param name="Score">0 to 1.</param>
/// <param name="Threshold">Below it the node gets no work.</param>
/// <param name="Distance">Score less threshold; negative when barred.</param>
/// <param name="Observations">Observations ever.</param>
/// <param name="Vetted">Enough of them to count as known.</param>
public sealed record Standing(double Score, double Threshold, double Distance, long Observations, bool Vetted)
{
    /// <summary>The score bars the node from work.</summary>
    public bool Barred => Distance < 0;
}
