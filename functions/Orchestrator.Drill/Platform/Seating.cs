using Orchestrator.Drill.Cheats;
using Orchestrator.Drill.Network;

namespace Orchestrator.Drill.Platform;

/// <summary>Who sits where: at every stage where a cheat can be done, a third of the hosts do it.</summary>
public static class Seating
{
    /// <summary>All seats.</summary>
    public static IEnumerable<Seat> Of(DrillOptions options, Cheat cheat)
    {
        for (int stage = 0; stage < options.Stages; stage++)
        {
            for (int place = 0; place < options.HostsPerStage; place++)
            {
                bool cheats = place < options.HostsPerStage / 3 && cheat.At(stage, options.Stages);
                string host = cheats && cheat.Name == AllCheats.Sybils ? "sybil" : $"host-{stage}-{place}";
                yield return new Seat(host, stage, cheats, cheats ? cheat.Conduct : () => new Conduct());
            }
        }
    }
}
