using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.Core.Disputes;

namespace Orchestrator.ControlPlane.Disputes;

/// <summary>What a referee is asked at a point of a dispute. Pure.</summary>
internal static class RefereeTasks
{
    public static RefereeTask Of(DisputeInput input, DisputeGame game, RefereeQuestion question, EvidenceFound? inputs, IReadOnlyDictionary<Digest, long> sizes)
    {
        var (receipt, chunk) = (input.Receipt, game.Chunk!);
        bool received = question == RefereeQuestion.Step && game.Step % game.Defender.StepsPerPass == 0;
        var evidence = received || question == RefereeQuestion.Operators ? null : game.EvidenceAtHand?.Blob;
        var (step, agreed, defender, challenger) = question switch
        {
            RefereeQuestion.Step => (game.Step!.Value, (Digest?)game.Agreed, game.Defender.Leaf, game.Challenger.Leaf),
            RefereeQuestion.Chunk => (game.Low, game.Agreed, chunk.Committed, (Digest?)chunk.Claimed),
            RefereeQuestion.Draws => ((long)0, null, chunk.Committed, null),
            _ => (0, null, null, null),
        };
        return new RefereeTask(
            RefereeTask.CurrentSchema,
            input.Rules.Referees[game.Attempt % input.Rules.Referees.Count],
            input.Dispute,
            game.Attempt,
            receipt.Manifest,
            receipt.Stage,
            receipt.PromptTokens,
            receipt.Committed.Tokens,
            chunk.Chunk,
            question,
            step,
            agreed,
            defender,
            challenger,
            evidence,
            evidence is { } blob ? sizes[blob] : 0,
            received ? inputs?.Blob : null,
            received ? inputs?.Bytes ?? 0 : 0,
            question == RefereeQuestion.Draws ? receipt.Draws : null,
            receipt.Class,
            game.Deadline);
    }
}
