namespace Orchestrator.Contracts;

/// <summary>
/// What a model is cut into: written by the sharder as JSON, named everywhere by the SHA-256 of those bytes.
/// Stages are in chain order and their layer ranges are contiguous from 0 to <see cref="LayerCount"/>.
/// </summary>
/// <param name="SchemaVersion">Version of this document; readers refuse any other than <see cref="CurrentSchema"/>.</param>
/// <param name="Name">The name clients use, <c>[a-z0-9][a-z0-9._-]{0,63}</c>.</param>
/// <param name="Source">SHA-256 of the ONNX file the sharder was given.</param>
/// <param name="LayerCount">Number of decoder layers (pairs of past key and value); 1 or more.</param>
/// <param name="ContextLength">Most tokens (prompt and completion) a session may hold.</param>
/// <param name="ParameterCount">Elements over all floating-point initializers of the whole model.</param>
/// <param name="Vocabulary">Number of logits per position.</param>
/// <param name="Tokenizer">How text becomes tokens.</param>
/// <param name="KvLayout">How key/value caches are passed to the graph.</param>
/// <param name="Stages">One per shard, in chain order; 1 to 256.</param>
public sealed record ModelManifest(
    int SchemaVersion,
    string Name,
    Digest Source,
    int LayerCount,
    int ContextLength,
    long ParameterCount,
    int Vocabulary,
    TokenizerSpec Tokenizer,
    KvLayout KvLayout,
    IReadOnlyList<ShardManifest> Stages)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;
}

/// <summary>One shard: an ONNX file and the tensors that enter and leave it.</summary>
/// <param name="Stage">0-based place in the chain.</param>
/// <param name="Layers">Decoder layers whose key/value caches live in this shard.</param>
/// <param name="Blob">SHA-256 of the shard's ONNX file.</param>
/// <param name="Bytes">Size of that file, in bytes.</param>
/// <param name="ParameterCount">Elements over the shard's floating-point initializers.</param>
/// <param name="ModelInputs">Graph inputs the stage makes or gets from the edge: token ids, attention mask, position ids.</param>
/// <param name="Receives">Boundary tensors that arrive from the previous stage; includes those only passed on.</param>
/// <param name="Sends">Boundary tensors that leave for the next stage; the last stage sends <c>logits</c> only.</param>
/// <param name="Caches">Key/value caches, in layer order, key before value.</param>
/// <param name="BytesPerToken">Sum of <see cref="TensorSpec.BytesPerToken"/> over <see cref="Sends"/>.</param>
public sealed record ShardManifest(
    int Stage,
    LayerRange Layers,
    Digest Blob,
    long Bytes,
    long ParameterCount,
    IReadOnlyList<ModelInput> ModelInputs,
    IReadOnlyList<BoundaryTensor> Receives,
    IReadOnlyList<BoundaryTensor> Sends,
    IReadOnlyList<CacheTensor> Caches,
    long BytesPerToken);

/// <summary>A graph input with a role the runtime knows how to fill.</summary>
public sealed record ModelInput(string Name, InputRole Role, TensorSpec Spec);

/// <summary>What a graph input means.</summary>
public enum InputRole
{
    /// <summary>int64 <c>[batch, sequence]</c>: the tokens of this pass.</summary>
    TokenIds,

    /// <summary>int64 <c>[batch, past + sequence]</c>: all ones.</summary>
    AttentionMask,

    /// <summary>int64 <c>[batch, sequence]</c>: absolute positions.</summary>
    PositionIds,
}

/// <summary>A tensor that crosses between stages.</summary>
/// <param name="Name">ONNX value name, the same on both sides.</param>
/// <param name="Consumed">Whether this stage's graph reads (for receives) or produces (for sends) it; false means it is only passed on.</param>
/// <param name="Spec">Type and shape.</param>
public sealed record BoundaryTensor(string Name, bool Consumed, TensorSpec Spec);

/// <summary>One key or value cache: fed as <see cref="Past"/>, taken from <see cref="Present"/>.</summary>
/// <param name="Layer">0-based layer of the whole model.</param>
/// <param name="Past">Name of the graph input.</param>
/// <param name="Present">Name of the graph output.</param>
/// <param name="Spec">Type and shape; the sequence axis is 2 in <c>[batch, heads, sequence, head size]</c>.</param>
public sealed record CacheTensor(int Layer, string Past, string Present, TensorSpec Spec);

/// <summary>Element type and shape of a tensor.</summary>
/// <param name="ElementType">Element type.</param>
/// <param name="Shape">Dimensions; -1 is the batch axis, -2 the sequence axis of this pass, -3 past + sequence, -4 any other symbolic axis.</param>
/// <param name="BytesPerToken">Bytes for one token with batch 1; 0 for a tensor that does not grow with the sequence.</param>
public sealed record TensorSpec(ElementType ElementType, IReadOnlyList<long> Shape, long BytesPerToken);

/// <summary>Element types that may cross between stages. Values are ONNX TensorProto.DataType.</summary>
public enum ElementType
{
    /// <summary>32-bit IEEE 754.</summary>
    Float32 = 1,

    /// <summary>Unsigned byte.</summary>
    UInt8 = 2,

    /// <summary>Signed byte.</summary>
    Int8 = 3,

    /// <summary>32-bit integer.</summary>
    Int32 = 6,

    /// <summary>64-bit integer.</summary>
    Int64 = 7,

    /// <summary>One byte per element, 0 or 1.</summary>
    Bool = 9,

    /// <summary>16-bit IEEE 754.</summary>
    Float16 = 10,

    /// <summary>64-bit IEEE 754.</summary>
    Float64 = 11,

    /// <summary>bfloat16.</summary>
    BFloat16 = 16,
}

/// <summary>How a graph takes its key/value caches.</summary>
public enum KvLayout
{
    /// <summary>Past has the tokens so far; present is past with this pass appended (ordinary ONNX exports).</summary>
    Growing,

    /// <summary>Past and present share one buffer as long as the context (GroupQueryAttention).</summary>
    Shared,
}
