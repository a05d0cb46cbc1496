using System.Collections.Immutable;
using Orchestrator.Contracts;

namespace Orchestrator.Core.Disputes;

/// <summary>A challenge to receipts of one session.</summary>
/// <param name="Dispute">The dispute.</param>
/// <param name="Session">Whose receipts.</param>
/// <param name="Choice">Which completion.</param>
/// <param name="Challenger">The node that challenges; it answers questions like the defender.</param>
/// <param name="Stages">The challenged stages, in order, each once.</param>
/// <param name="Subject">What is challenged.</param>
public sealed record DisputeOpening(
    DisputeId Dispute, SessionId Session, int Choice, NodeId Challenger, ImmutableArray<ChallengedStage> Stages, DisputeSubject Subject = DisputeSubject.Outputs)
{
    /// <summary>Throws when the challenge makes no sense in itself.</summary>
    /// <exception cref="ArgumentException">Names what to change.</exception>
    public void Validate()
    {
        if (Stages.IsDefaultOrEmpty || Stages.Length > ManifestValidator.MaxStages)
            throw new ArgumentException($"A challenge names 1 to {ManifestValidator.MaxStages} stages.");
        if (Subject == DisputeSubject.Draws && (Stages.Length != 1 || Stages[0].Claims is not { IsDefault: false, Length: 1 }))
            throw new ArgumentException("A challenge of draws names the last stage only, and one chunk of it.");
        for (int i = 0; i < Stages.Length; i++)
        {
            var stage = Stages[i];
            if (i > 0 && stage.Stage <= Stages[i - 1].Stage)
                throw new ArgumentException("The stages of a challenge must rise.");
            if (stage.Node == Challenger)
                throw new ArgumentException("A node cannot challenge itself.");
            if (stage.PassesThrough.IsDefaultOrEmpty || stage.PassesThrough[0] < 1 || !Rises(stage.PassesThrough))
                throw new ArgumentException($"The passes through the chunks of stage {stage.Stage} must rise from 1.");
            if (stage.Claims.IsDefaultOrEmpty || stage.Claims.Any(c => c.Chunk < 0 || c.Chunk >= stage.PassesThrough.Length)
                || stage.Claims.DistinctBy(c => c.Chunk).Count() != stage.Claims.Length)
                throw new ArgumentException($"A challenge of stage {stage.Stage} must claim an output for 1 or more of its chunks, each once.");
        }
    }

    private static bool Rises(ImmutableArray<int> numbers)
    {
        for (int i = 1; i < numbers.Length; i++)
        {
            if (numbers[i] <= numbers[i - 1])
                return false;
        }

        return true;
    }
}

/// <summary>What a challenge is about.</summary>
public enum DisputeSubject
{
    /// <summary>What a stage put out for the inputs it committed to.</summary>
    Outputs,

    /// <summary>Which tokens were drawn from logits that both sides agree on. The claim then repeats the committed leaf of the chunk.</summary>
    Draws,
}

/// <summary>A stage and what the challenger got from the inputs that its node committed to.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Node">Its node, the defender.</param>
/// <param name="PassesThrough">Passes of the choice up to the end of each chunk.</param>
/// <param name="Claims">What the challenger got for some of the chunks.</param>
public sealed record ChallengedStage(int Stage, NodeId Node, ImmutableArray<int> PassesThrough, ImmutableArray<ChunkClaim> Claims);

/// <summary>The hash a challenger got for what a chunk put out.</summary>
public sealed record ChunkClaim(int Chunk, Digest Output);
