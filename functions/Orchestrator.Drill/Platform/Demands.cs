using System.Security.Cryptography;
using System.Text;
using Orchestrator.Contracts;
using Orchestrator.Core.Availability;
using Orchestrator.Drill.Network;

namespace Orchestrator.Drill.Platform;

/// <summary>Plays public demands of evidence by the product's rule: nodes of other hosts look for themselves, as often and for as long as it asks for.</summary>
public sealed class Demands(Roster roster, VirtualClock clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Whether it is proven that a node withholds the evidence of its work.</summary>
    public bool Proves(StageWork work)
    {
        var rules = AvailabilityRules.Default;
        var demand = AvailabilityDemand.Open(work.Node.Host, rules, clock.GetUtcNow(), clock.GetUtcNow() + rules.Longest(Patience));
        byte[] signature = SHA512.HashData(Encoding.ASCII.GetBytes($"{work.Session}/{work.Stage}"));
        while (demand.Outcome is null)
        {
            if (work.Node.Conduct.Serves(work))
                return false;
            var witnesses = WitnessLottery.Draw(signature, demand.Asked, roster.States(), work.Node.Host, new HashSet<string>(), rules.Witnesses);
            demand = demand.Round([.. witnesses.Select(w => new WitnessStatement(w.Record.Node, w.Record.Host, See(roster[w.Record.Node], work)))], new NodeHearing(Heard: true, DoorProven: true)).Close(clock.GetUtcNow());
            clock.Advance(rules.Interval);
            demand = demand.Close(clock.GetUtcNow());
        }

        return demand.Outcome == DemandOutcome.Withheld;
    }

    private static Sighting See(DrillNode witness, StageWork work) => witness.Conduct.Covers(work.Node) ? Sighting.Served : Sighting.Refused;
}
