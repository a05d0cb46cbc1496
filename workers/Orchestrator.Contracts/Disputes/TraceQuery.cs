using System.Text.Json.Serialization;

namespace Orchestrator.Contracts;

/// <summary>
/// Asks a party of a dispute about its trace: <c>POST {stream endpoint}/disputes</c> with a <see cref="SignedMessage"/> that the platform
/// signed. 200 carries the answer, 202 says that the replay still runs (ask again), 404 that the node lacks the inputs.
/// <para>
/// The trace of a choice on a stage has <c>passes x (1 + operators)</c> steps in order: per pass, step 0 is what was received (model
/// inputs, then received tensors, in manifest order), step k is operator k of the shard in execution order. The <em>state</em> after n
/// steps is the RFC 6962 Merkle root over the leaves of the first n; see <c>Orchestrator.Verification.TraceTree</c>.
/// </para>
/// </summary>
/// <param name="SchemaVersion">Version of this message.</param>
/// <param name="Node">The party asked.</param>
/// <param name="Dispute">The dispute.</param>
/// <param name="Session">The disputed receipt's session.</param>
/// <param name="Manifest">SHA-256 of the model's manifest.</param>
/// <param name="Stage">The disputed stage.</param>
/// <param name="Choice">0-based number of the choice.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="Tokens">Positions the stage ran; with <paramref name="PromptTokens"/> it gives the chunks.</param>
/// <param name="Chunk">The disputed chunk: the trace ends with its last pass.</param>
/// <param name="Inputs">Blob with the input file, for a party that did not run the stage; null when the node has it itself.</param>
/// <param name="InputBytes">Size of that blob; 0 without one.</param>
/// <param name="Question">What is asked.</param>
/// <param name="Steps">
/// <see cref="TraceQuestion.States"/>: how many steps, each 0 to all, rising, at most <see cref="MaxSteps"/>; none asks for the trace's size
/// only. <see cref="TraceQuestion.Leaf"/> and <see cref="TraceQuestion.StepInputs"/>: one step. <see cref="TraceQuestion.ChunkOutputs"/>: none.
/// </param>
/// <param name="ExpiresAt">An answer after this counts as none.</param>
public sealed record TraceQuery(
    int SchemaVersion,
    NodeId Node,
    DisputeId Dispute,
    SessionId Session,
    Digest Manifest,
    int Stage,
    int Choice,
    int PromptTokens,
    int Tokens,
    int Chunk,
    Digest? Inputs,
    long InputBytes,
    TraceQuestion Question,
    IReadOnlyList<long> Steps,
    DateTimeOffset ExpiresAt)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>Most states of one answer.</summary>
    public const int MaxSteps = 256;
}

/// <summary>What a party is asked.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TraceQuestion>))]
public enum TraceQuestion
{
    /// <summary>States after given numbers of steps: a signed <see cref="TraceStates"/>.</summary>
    [JsonStringEnumMemberName("states")]
    States,

    /// <summary>The opened leaf of one step: a signed <see cref="TraceLeaf"/>.</summary>
    [JsonStringEnumMemberName("leaf")]
    Leaf,

    /// <summary>All that the operator of one step reads, proven against the state before it: a trace evidence file (octet stream).</summary>
    [JsonStringEnumMemberName("step-inputs")]
    StepInputs,

    /// <summary>All that the chunk put out, proven against the state at its end: a trace evidence file (octet stream).</summary>
    [JsonStringEnumMemberName("chunk-outputs")]
    ChunkOutputs,
}
