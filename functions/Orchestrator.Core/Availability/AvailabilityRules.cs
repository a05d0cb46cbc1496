namespace Orchestrator.Core.Availability;

/// <summary>What it takes to prove that a node withholds what its receipt says it keeps, as data.</summary>
/// <param name="Witnesses">Hosts asked in a round, each once, drawn by lottery.</param>
/// <param name="Quorum">How many of them must have seen that nothing fit is served, for the round to count; more than half.</param>
/// <param name="Rounds">Rounds that must count, 1 or more.</param>
/// <param name="Window">Least time from the public demand to a finding: an honest outage must fit in.</param>
public sealed record AvailabilityRules(int Witnesses, int Quorum, int Rounds, TimeSpan Window)
{
    /// <summary>Three of five hosts, four times within an hour.</summary>
    public static AvailabilityRules Default { get; } = new(5, 3, 4, TimeSpan.FromHours(1));

    /// <summary>Rounds asked before the question stays open: some that do not count can be made up for.</summary>
    public int MostRounds => Rounds + 2;

    /// <summary>Time from one round to the next.</summary>
    public TimeSpan Interval => Window / Rounds;

    /// <summary>The longest a demand stays open, when every round takes its time.</summary>
    /// <param name="patience">For one round's reports.</param>
    public TimeSpan Longest(TimeSpan patience) => (Interval + patience) * MostRounds;

    /// <summary>Throws when a number is out of range.</summary>
    /// <exception cref="ArgumentException">Names what to change.</exception>
    public void Validate()
    {
        if (Quorum < 1 || Quorum > Witnesses || Quorum * 2 <= Witnesses || Witnesses > 64)
            throw new ArgumentException("The quorum of witnesses must be more than half of them and no more than all, which are 64 at most.");
        if (Rounds is < 1 or > 100 || Window <= TimeSpan.Zero)
            throw new ArgumentException("A demand of evidence needs 1 to 100 rounds and a window above 0.");
    }
}
