using Orchestrator.Contracts;
using Orchestrator.Disputes.Traces;
using Orchestrator.Drill.Network;
using ChunkClaim = Orchestrator.Core.Disputes.ChunkClaim;

namespace Orchestrator.Drill.Cheats;

/// <summary>Challenges right receipts with claims it made up, and defends them with a forged trace.</summary>
public sealed class ChallengerSpam : Conduct
{
    /// <inheritdoc />
    public override IReadOnlyList<ChunkClaim> Challenge(StageWork work) =>
        [new ChunkClaim(work.Committer.Chunks.Count - 1, Digest.Of(Convert.FromHexString(work.Session.Value)))];

    /// <inheritdoc />
    public override ITracedShard Accuse(StageWork work) => new ForgedTrace(base.Accuse(work));
}
