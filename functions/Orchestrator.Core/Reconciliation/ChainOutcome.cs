using Orchestrator.Contracts;

namespace Orchestrator.Core.Reconciliation;

/// <summary>What a chain was asked to do, and what came back.</summary>
/// <param name="Expected">As dispatched.</param>
/// <param name="Opened">Its result; null when none came in time.</param>
public sealed record ChainOutcome(ExpectedChain Expected, OpenedResult? Opened);

/// <summary>A chain as it was dispatched.</summary>
/// <param name="Job">The job.</param>
/// <param name="Chain">Number of the chain within the job.</param>
/// <param name="Attempt">Dispatch attempt; gives the session together with job and chain.</param>
/// <param name="Manifest">The model.</param>
/// <param name="Stages">Node and layers of every stage, in order.</param>
/// <param name="Choices">Completions asked for.</param>
/// <param name="MaxCompletionTokens">Most tokens per choice.</param>
public sealed record ExpectedChain(
    JobId Job, int Chain, int Attempt, Digest Manifest, IReadOnlyList<ExpectedStage> Stages, int Choices, int MaxCompletionTokens)
{
    /// <summary>Its session.</summary>
    public SessionId Session => SessionId.Derive(Job, Chain, Attempt);
}

/// <summary>Who must have run which layers.</summary>
/// <param name="Node">The node.</param>
/// <param name="Layers">Its layers.</param>
/// <param name="Shard">SHA-256 of their file.</param>
public sealed record ExpectedStage(NodeId Node, LayerRange Layers, Digest Shard)
{
    /// <summary>
    /// The numerical class it promised; null when it is not checked. A node that could name any class in its receipt would choose one that nobody can compare bits with.
    /// </summary>
    public ExecutionClass? Class { get; init; }
}

/// <summary>A chain result whose envelope's signature was checked.</summary>
/// <param name="Signer">Node whose key signed it.</param>
/// <param name="Result">What it says.</param>
/// <param name="Receipts">One per <see cref="ChainResult.Receipts"/>, in order.</param>
/// <param name="Tokens">What the result's tokens commit to, computed by the platform, one per choice.</param>
public sealed record OpenedResult(NodeId Signer, ChainResult Result, IReadOnlyList<OpenedReceipt> Receipts, IReadOnlyList<TokenRoots> Tokens);

/// <summary>The commitments that follow from prompt and tokens alone.</summary>
/// <param name="Input">What stage 0 must have received; null when the prompt's tokens are not known.</param>
/// <param name="Draws">What the last stage must have drawn.</param>
public sealed record TokenRoots(Digest? Input, Digest Draws);

/// <summary>A receipt whose envelope's signature was checked.</summary>
/// <param name="Signer">Node whose key signed it.</param>
/// <param name="Receipt">What it says; null when it could not be opened.</param>
/// <param name="Error">Why it could not be opened; null when it could.</param>
/// <param name="Payload">SHA-256 of its payload, which the next receipt names.</param>
public sealed record OpenedReceipt(NodeId Signer, Receipt? Receipt, string? Error, Digest Payload);
