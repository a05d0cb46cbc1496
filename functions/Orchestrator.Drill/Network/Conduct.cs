using Orchestrator.Contracts;
using Orchestrator.Disputes.Traces;
using Orchestrator.Drill.Models;
using Orchestrator.Onnx.Sampling;
using Orchestrator.Verification;
using ChunkClaim = Orchestrator.Core.Disputes.ChunkClaim;

namespace Orchestrator.Drill.Network;

/// <summary>
/// What a node does wherever it could do something else. As it stands it is honest; a cheat overrides what it does otherwise and
/// notes it with <see cref="StageWork.Cheat"/>.
/// </summary>
public class Conduct
{
    /// <summary>Opens the cache that the session's passes run on.</summary>
    public virtual IStageSession Open(StageWork work) => work.Engines.Of(work.Stage).Open(work.Job.MaxTokens);

    /// <summary>Draws a token from a row of logits. Last stage only.</summary>
    public virtual TokenDraw Draw(StageWork work, TokenSampler sampler, ReadOnlySpan<byte> row, int position) => sampler.Draw(row, position);

    /// <summary>What goes out on the link after it was committed to.</summary>
    public virtual IReadOnlyList<Tensor> Send(StageWork work, ChunkPass pass, IReadOnlyList<Tensor> outputs) => outputs;

    /// <summary>The token that goes on from the edge: into the answer and into the chain. Edge only.</summary>
    public virtual int Take(StageWork work, int drawn, int position) => drawn;

    /// <summary>Whether the edge ends the answer although nothing ends it. Edge only.</summary>
    public virtual bool Stops(StageWork work, int drawn) => false;

    /// <summary>The receipt it hands on.</summary>
    public virtual SignedMessage Sign(StageWork work, Receipt receipt) =>
        MessageSigning.Seal(MessageTypes.Receipt, receipt, ContractsJson.Default.Receipt, work.Node.Key);

    /// <summary>The results it sends to the platform. Edge only.</summary>
    public virtual IReadOnlyList<SignedMessage> Answer(StageWork work, ChainResult result) => [Seal(work, result)];

    /// <summary>Weights of the shard it really runs.</summary>
    public virtual WeightFormat Weights => WeightFormat.Published;

    /// <summary>Whether it hands out what it kept of a session. Silence loses disputes.</summary>
    public virtual bool Serves(StageWork work) => true;

    /// <summary>The trace it shows when its own receipt is disputed.</summary>
    public virtual ITracedShard Defend(StageWork work) => work.Engines.Traced(work.Stage, Weights);

    /// <summary>The trace it shows when it disputes somebody else's receipt.</summary>
    public virtual ITracedShard Accuse(StageWork work) => work.Engines.Traced(work.Stage);

    /// <summary>What it reports as auditor.</summary>
    /// <param name="audited">Whose work it audits.</param>
    /// <param name="compute">Runs what was asked.</param>
    /// <param name="confirm">Confirms what the audited node would tell it that it claimed; needs no computing.</param>
    public AuditReport Audit(DrillNode audited, Func<AuditReport> compute, Func<AuditReport> confirm) => Covers(audited) ? confirm() : compute();

    /// <summary>Whether it reports that another node's work is right whatever it is.</summary>
    public virtual bool Covers(DrillNode audited) => false;

    /// <summary>Whether it would lie about the job in this place.</summary>
    public virtual bool Lies(StageWork work) => GetType() != typeof(Conduct);

    /// <summary>What it claims about somebody else's receipt without having looked; nothing when it does not challenge blindly.</summary>
    public virtual IReadOnlyList<ChunkClaim> Challenge(StageWork work) => [];

    /// <summary>Seals a result with the node's key.</summary>
    protected static SignedMessage Seal(StageWork work, ChainResult result) =>
        MessageSigning.Seal(MessageTypes.ChainResult, result, ContractsJson.Default.ChainResult, work.Node.Key);
}
