using System.Collections.Immutable;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Workflows;
using Orchestrator.Core.Disputes;

namespace Orchestrator.ControlPlane.Disputes;

/// <summary>Input of <see cref="DisputeWorkflow"/>.</summary>
/// <param name="Receipt">What is challenged.</param>
/// <param name="Dispute">The dispute.</param>
/// <param name="Challenger">The node that challenges.</param>
/// <param name="Host">Its host, which gets the reporter's part of a slash.</param>
/// <param name="Subject">What is challenged.</param>
/// <param name="Claims">What the challenger got.</param>
/// <param name="Inputs">The input file, checked against the receipt; null when the workflow must get it.</param>
/// <param name="Leaves">Output leaves of the receipt, checked; null when the workflow must get them.</param>
/// <param name="Bond">Micro-credits that the challenger's host has set aside under <see cref="BondHold"/>; 0 for an auditor, whose stake answers for it.</param>
/// <param name="Rules">How long things may take.</param>
/// <param name="Accuses">Whether the challenger made the accusation. If not, it only answers for its own receipt of the same work, and losing is no false accusation.</param>
public sealed record DisputeInput(
    CheckedReceipt Receipt,
    DisputeId Dispute,
    NodeId Challenger,
    string Host,
    DisputeSubject Subject,
    IReadOnlyList<ChunkClaim> Claims,
    EvidenceFound? Inputs,
    IReadOnlyList<Digest>? Leaves,
    long Bond,
    CheckRules Rules,
    bool Accuses = true)
{
    /// <summary>The dispute's instance id.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Instance => Dispute.Value;

    /// <summary>Id of the challenger's hold.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string BondHold => HoldOf(Dispute);

    /// <summary>Id of the hold of a challenger's bond.</summary>
    public static string HoldOf(DisputeId dispute) => $"challenge:{dispute}";

    /// <summary>A dispute of an auditor that got something else.</summary>
    public static DisputeInput Of(
        CheckedReceipt receipt, NodeId challenger, string host, AuditFinding finding, AuditReport report, IReadOnlyList<Digest> leaves, EvidenceFound inputs, CheckRules rules)
    {
        bool draws = finding.Kind == FindingKind.Draws;
        int chunk = draws ? ChunkPlan.Holding(receipt.PromptTokens, finding.Position!.Value - 1) : 0;
        return new DisputeInput(
            receipt,
            DisputeId.Derive(receipt.Chain.Session, receipt.Stage, receipt.Choice, challenger),
            challenger,
            host,
            draws ? DisputeSubject.Draws : DisputeSubject.Outputs,
            draws ? [new ChunkClaim(chunk, leaves[chunk])] : [.. report.Chunks.Where(c => c.Output is not null).Select(c => new ChunkClaim(c.Chunk, c.Output!.Value))],
            inputs,
            leaves,
            0,
            rules);
    }

    /// <summary>A dispute between two nodes that signed different outputs of one chunk for the same work.</summary>
    /// <param name="accused">The receipt that is challenged.</param>
    /// <param name="reference">The receipt of the node that answers as challenger.</param>
    /// <param name="leaves">Output leaves of the accused receipt.</param>
    /// <param name="claim">Where they differ, and what the reference has there.</param>
    /// <param name="rules">How long things may take.</param>
    public static DisputeInput Between(CheckedReceipt accused, CheckedReceipt reference, IReadOnlyList<Digest> leaves, ChunkClaim claim, CheckRules rules) => new(
        accused,
        DisputeId.Derive(accused.Chain.Session, accused.Stage, accused.Choice, reference.Signer.Node),
        reference.Signer.Node,
        reference.Signer.Host,
        DisputeSubject.Outputs,
        [claim],
        null,
        leaves,
        0,
        rules,
        Accuses: false);

    /// <summary>The game as it opens.</summary>
    public DisputeOpening Opening()
    {
        int passes = 0;
        var through = ChunkPlan.All(Receipt.PromptTokens, Receipt.Committed.Tokens).Select(c => passes += c.Passes).ToImmutableArray();
        return new DisputeOpening(
            Dispute, Receipt.Chain.Session, Receipt.Choice, Challenger, [new ChallengedStage(Receipt.Stage, Receipt.Signer.Node, through, [.. Claims])], Subject);
    }
}

/// <summary>Event <see cref="InferenceJob.ChallengeEvent"/>: somebody challenges a receipt of the job; the bond is set aside.</summary>
/// <param name="Dispute">The dispute; the bond is held under it.</param>
/// <param name="Challenger">The node that answers for the challenge.</param>
/// <param name="Host">Its host.</param>
/// <param name="Session">The chain.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Choice">The completion.</param>
/// <param name="Claims">What the challenger got.</param>
/// <param name="Bond">Micro-credits set aside.</param>
/// <param name="At">When the platform took it, which is when it counts as made.</param>
/// <param name="Class">Class of the challenger: bits of another one prove nothing, and an honest challenger would lose by them.</param>
/// <param name="Subject">What is challenged. Jobs of earlier releases hear of outputs only.</param>
public sealed record ChallengeArrived(
    DisputeId Dispute, NodeId Challenger, string Host, SessionId Session, int Stage, int Choice, IReadOnlyList<ChunkClaim> Claims, long Bond, DateTimeOffset At, ExecutionClass Class,
    DisputeSubject Subject = DisputeSubject.Outputs)
{
    /// <summary>Why it cannot be heard, given the chain it is about; null when it can.</summary>
    /// <param name="chain">The chain; null when the answer has no such one.</param>
    /// <param name="promptTokens">Tokens of its prompt.</param>
    /// <param name="chunks">Chunks of a stage's choice; 0 when there is none.</param>
    public string? Problem(DispatchedChain? chain, int promptTokens, Func<int, int, int> chunks)
    {
        if (chain is null)
            return "No chain of the answer has this session.";
        if ((uint)Stage >= (uint)chain.Stages.Count || chain.Stages[Stage].Node == Challenger)
            return "The stage does not exist, or the challenger ran it itself.";
        if (chain.Stages[Stage].Class != Class)
            return "The challenger is of another execution class than the stage: its bits cannot be compared. Challenge with a node of the same class.";
        int count = chunks(Stage, Choice);
        if (Subject == DisputeSubject.Draws && DrawsProblem(chain.Stages.Count - 1, promptTokens) is { } problem)
            return problem;
        return Claims.Count == 0 || Claims.Count > count || Claims.DistinctBy(c => c.Chunk).Count() != Claims.Count || Claims.Any(c => (uint)c.Chunk >= (uint)count)
            ? $"Claims must name chunks 0 to {count - 1}, each at most once."
            : null;
    }

    private string? DrawsProblem(int last, int promptTokens)
    {
        if (Stage != last)
            return $"Stage {Stage} draws nothing: tokens are drawn by stage {last} alone.";
        int first = ChunkPlan.Holding(promptTokens, promptTokens - 1);
        return Claims.Count != 1 || Claims[0].Chunk < first
            ? $"A challenge of draws must name one chunk that a token was drawn in, and the output that the receipt has for it. Chunks before {first} are prompt only."
            : null;
    }
}
