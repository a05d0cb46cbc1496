using System.Text.Json.Serialization;

namespace Orchestrator.Contracts;

/// <summary>
/// Asks a referee to settle what two parties were narrowed down to. Published on its work topic. The platform has checked signatures,
/// paths and roots; the referee checks the evidence and computes. Redelivery of the same dispute, question and attempt has no effect.
/// </summary>
/// <param name="SchemaVersion">Version of this message.</param>
/// <param name="Node">The referee it is for.</param>
/// <param name="Dispute">The dispute.</param>
/// <param name="Attempt">0-based; rises when the same question is asked again, e.g. with the other party's evidence.</param>
/// <param name="Manifest">SHA-256 of the model's manifest.</param>
/// <param name="Stage">The disputed stage.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="Tokens">Positions the stage ran; with <paramref name="PromptTokens"/> it gives the chunks.</param>
/// <param name="Chunk">The disputed chunk.</param>
/// <param name="Question">What is to be settled.</param>
/// <param name="Step"><see cref="RefereeQuestion.Step"/>: number of the first step that differs. Chunk questions: all steps to the chunk's end. 0 for <see cref="RefereeQuestion.Operators"/>.</param>
/// <param name="Agreed">The state after <paramref name="Step"/> steps that both parties signed; null for <see cref="RefereeQuestion.Operators"/> and <see cref="RefereeQuestion.Draws"/>.</param>
/// <param name="Defender">What the defender claims: the step's leaf, or the chunk's committed output hash; null for <see cref="RefereeQuestion.Operators"/>.</param>
/// <param name="Challenger">What the challenger claims instead; null for <see cref="RefereeQuestion.Operators"/> and <see cref="RefereeQuestion.Draws"/>.</param>
/// <param name="Evidence">Blob with a trace evidence file of one party; null for <see cref="RefereeQuestion.Operators"/> and for a received step.</param>
/// <param name="EvidenceBytes">Size of that blob; 0 without one.</param>
/// <param name="Inputs">Blob with the input file, checked against the receipt; needed for a received step (step number a multiple of the steps per pass), else null.</param>
/// <param name="InputBytes">Size of that blob; 0 without one.</param>
/// <param name="Draws">The draws to repeat; null unless <see cref="RefereeQuestion.Draws"/>.</param>
/// <param name="Class">The class the disputed receipt ran in; a referee of another cannot judge.</param>
/// <param name="ExpiresAt">A verdict after this is worth nothing.</param>
public sealed record RefereeTask(
    int SchemaVersion,
    NodeId Node,
    DisputeId Dispute,
    int Attempt,
    Digest Manifest,
    int Stage,
    int PromptTokens,
    int Tokens,
    int Chunk,
    RefereeQuestion Question,
    long Step,
    Digest? Agreed,
    Digest? Defender,
    Digest? Challenger,
    Digest? Evidence,
    long EvidenceBytes,
    Digest? Inputs,
    long InputBytes,
    DrawTask? Draws,
    ExecutionClass Class,
    DateTimeOffset ExpiresAt)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;
}

/// <summary>What a referee is asked.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RefereeQuestion>))]
public enum RefereeQuestion
{
    /// <summary>How many steps a pass of the shard has; asked when the parties' sizes differ.</summary>
    [JsonStringEnumMemberName("operators")]
    Operators,

    /// <summary>Whose leaf of one step is right, given agreed inputs.</summary>
    [JsonStringEnumMemberName("step")]
    Step,

    /// <summary>Whose hash of the chunk is right, given that both agree on the whole trace: one of them contradicts its own trace.</summary>
    [JsonStringEnumMemberName("chunk")]
    Chunk,

    /// <summary>Whether the draws follow from logits that the defender committed to.</summary>
    [JsonStringEnumMemberName("draws")]
    Draws,
}
