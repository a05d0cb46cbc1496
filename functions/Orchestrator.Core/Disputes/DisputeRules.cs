using System.Numerics;
using Orchestrator.Contracts;

namespace Orchestrator.Core.Disputes;

/// <summary>How long a dispute may take, as data.</summary>
/// <param name="AnswerTime">What a party has for one answer. Long enough that an honest node is back from a restart: silence while the other side answers costs stake.</param>
/// <param name="RefereeTime">What a referee has for one verdict.</param>
/// <param name="RefereeAttempts">Referees asked before a dispute ends without a verdict, 1 or more.</param>
/// <param name="StatesPerRound">States asked of each party in a round, 1 to <see cref="TraceQuery.MaxSteps"/>; 1 is plain bisection, n cut the rest into n + 1.</param>
public sealed record DisputeRules(TimeSpan AnswerTime, TimeSpan RefereeTime, int RefereeAttempts, int StatesPerRound)
{
    /// <summary>Ten minutes for every answer and verdict, three referees, 15 states a round: 2^26 steps in 7 rounds.</summary>
    public static DisputeRules Default { get; } = new(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10), 3, 15);

    /// <summary>Most rounds of states for a trace of so many steps: the logarithm to the base of <see cref="StatesPerRound"/> + 1.</summary>
    public int MostRounds(long steps)
    {
        int rounds = 0;
        for (BigInteger reach = 1; reach < steps; reach *= StatesPerRound + 1)
            rounds++;
        return rounds;
    }

    /// <summary>The longest a dispute can take: leaves, sizes and their count, the last state, rounds, the leaf, two tries of evidence, and referees twice.</summary>
    public TimeSpan Longest => AnswerTime * (6 + MostRounds(DisputeChecks.MaxTraceSteps)) + 2 * RefereeAttempts * RefereeTime;

    /// <summary>Throws when a number is out of range.</summary>
    /// <exception cref="ArgumentException">Names what to change.</exception>
    public void Validate()
    {
        if (AnswerTime <= TimeSpan.Zero || RefereeTime <= TimeSpan.Zero)
            throw new ArgumentException("The answer time and the referee time of disputes must be above 0.");
        if (RefereeAttempts < 1 || StatesPerRound is < 1 or > TraceQuery.MaxSteps)
            throw new ArgumentException($"A dispute needs at least 1 referee and 1 to {TraceQuery.MaxSteps} states a round.");
    }
}
