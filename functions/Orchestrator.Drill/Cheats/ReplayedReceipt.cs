using Orchestrator.Contracts;
using Orchestrator.Drill.Network;

namespace Orchestrator.Drill.Cheats;

/// <summary>Hands on the receipt that it signed for an earlier job.</summary>
public sealed class ReplayedReceipt : Conduct
{
    private SignedMessage? kept;

    /// <inheritdoc />
    public override SignedMessage Sign(StageWork work, Receipt receipt)
    {
        if (kept is null)
            return kept = base.Sign(work, receipt);
        work.Cheat();
        return kept;
    }
}
