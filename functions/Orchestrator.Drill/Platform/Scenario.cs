using System.Security.Cryptography;
using System.Text;
using Orchestrator.Contracts;
using Orchestrator.Core.Assurance;
using Orchestrator.Drill.Cheats;
using Orchestrator.Drill.Models;
using Orchestrator.Drill.Network;
using Orchestrator.Drill.Reports;
using Orchestrator.Verification;

namespace Orchestrator.Drill.Platform;

/// <summary>
/// One cheat at one assurance: a network in which a third of the nodes that can do it do it in every job, and a platform that checks. The same
/// options always give the same report.
/// </summary>
public sealed class Scenario
{
    private const int MostAttempts = 4;

    private readonly DrillOptions options;
    private readonly Cheat cheat;
    private readonly AssuranceLevel level;
    private readonly Engines engines;
    private readonly Truths truths;
    private readonly Treasury treasury;
    private readonly Roster roster;
    private readonly Rounds rounds;
    private readonly VirtualClock clock = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly Tally tally = new();

    /// <summary>Sets the network up.</summary>
    /// <param name="options">Jobs, seed and sizes.</param>
    /// <param name="cheat">The cheat.</param>
    /// <param name="level">The assurance of every job.</param>
    /// <param name="engines">Loaded shards of the calling thread.</param>
    /// <param name="truths">Right answers.</param>
    /// <param name="seats">Who sits where; <see cref="Seating.Of"/> by default.</param>
    public Scenario(DrillOptions options, Cheat cheat, AssuranceLevel level, Engines engines, Truths truths, IEnumerable<Seat>? seats = null)
    {
        (this.options, this.cheat, this.level, this.engines, this.truths) = (options, cheat, level, engines, truths);
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"drill/2|{options.Seed}|{cheat.Name}|{level}"));
        treasury = new Treasury(clock);
        roster = new Roster(engines.Model, treasury, clock, new Random(BitConverter.ToInt32(hash)), seats ?? Seating.Of(options, cheat));
        rounds = new Rounds(cheat, level, engines, roster, treasury, clock, SigningKey.FromSeed(hash), tally);
    }

    /// <summary>Plays all jobs.</summary>
    public ScenarioReport Run(CancellationToken cancel)
    {
        for (int number = 0; number < options.Jobs; number++)
        {
            cancel.ThrowIfCancellationRequested();
            var job = DrillJob.Make(options.Seed, number, engines.Model.Tokenizer);
            var answer = Play(job);
            tally.End(answer?.SequenceEqual(truths.Of(job, engines)));
            clock.Advance(TimeSpan.FromMinutes(1));
            roster.Refill();
        }

        var balance = treasury.Balance();
        if (balance.Closes)
            treasury.CheckConserved();
        return ScenarioReport.Of(cheat, level, options.Jobs, tally, treasury.Slashes, roster, balance);
    }

    /// <summary>The final answer's tokens; null when the job was refunded.</summary>
    private IReadOnlyList<int>? Play(DrillJob job)
    {
        var excluded = new HashSet<NodeId>();
        for (int attempt = 0; attempt < MostAttempts; attempt++)
        {
            var (answer, blamed) = rounds.Play(job, attempt, excluded);
            if (answer is not null)
                return answer;
            if (blamed.Count == 0)
                return null;
            excluded.UnionWith(blamed);
        }

        return null;
    }
}
