using System.Text.Json;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.Models;
using Orchestrator.ControlPlane.Stake;
using Orchestrator.ControlPlane.Streaming;
using Orchestrator.ControlPlane.Topology;
using Orchestrator.ControlPlane.Workflows;
using Orchestrator.Core.Disputes;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Core.Stake;
using Orchestrator.Durable;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Messages;

/// <summary>
/// Topic <see cref="Topics.Results"/>: opens a chain's signed result and its receipts, keeps the message as evidence, and wakes the job's workflow.
/// Whether the result is of a chain that was really dispatched is decided there.
/// </summary>
public sealed class ResultMessages(
    IWorkflowClient workflows,
    IBlobStore blobs,
    TopologyCache topology,
    PinnedManifests manifests,
    StreamTokens tickets,
    FirstResults firsts,
    StakeDesk stakes,
    ControlPlaneOptions options,
    TimeProvider time)
{
    /// <summary>How long a result may wait for the record of what it answers.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private const int MaxReceipts = 256;
    private const int MaxEventChars = 200_000;

    /// <summary>Takes a message in.</summary>
    public async Task<(Delivery Delivery, string? Reason)> HandleAsync(SignedMessage message, CancellationToken cancel)
    {
        if (!MessageSigning.TryOpen(message, MessageTypes.ChainResult, ContractsJson.Default.ChainResult, out var result, out string? error))
            return (Delivery.Dropped, $"signature: {error}");
        var signer = MessageSigning.Signer(message);
        if (Problem(result, signer) is { } problem)
            return (Delivery.Dropped, problem);
        if (!(await topology.CatalogAsync(cancel)).Nodes.Contains(signer))
            return (Delivery.Dropped, "unregistered: no such node works here");

        // An edge signs one result per session; more of them are repeats, contradictions, or an attempt to fill a job's journal.
        if (await firsts.FindAsync(result.Session, signer, cancel) is { } first)
        {
            await CompareAsync(first, message, result, signer, cancel);
            return (Delivery.Accepted, null);
        }

        var state = await workflows.GetAsync(result.Job.Value, cancel);
        if (state is null)
            return IsRecent(result.Job) ? (Delivery.Retry, null) : (Delivery.Dropped, "job: unknown");
        var job = JobSnapshot.Of(state);
        if (state.IsFinished)
        {
            // The job may have ended, or the platform stopped, before its edge's first answer was on record: a second one must meet it all the same.
            if (job is not null && Expects(job, result, signer))
                await RecordAsync(message, result, signer, await KeepAsync(message, cancel), cancel);
            return (Delivery.Accepted, null);
        }

        if (job is null || !Expects(job, result, signer))
        {
            return job is not null && MayFollow(job, result)
                ? (Delivery.Retry, null)
                : (Delivery.Dropped, "chain: the job gave this node no such chain");
        }

        var tokenizer = TokenizerFactory.Create((await manifests.GetAsync(job.Spec.Model, job.Spec.Manifest, cancel)).Tokenizer);
        var arrived = new ResultArrived(ResultOpening.Open(result, signer, tokenizer.Encode(job.Spec.Prompt)), await KeepAsync(message, cancel));
        if (AnswerCheck.Problem(result, tokenizer, job.Spec.Stop, job.Spec.IgnoreEnd, job.Spec.MaxCompletionTokens) is { } untrue)
            arrived = arrived with { Opened = Failed(arrived.Opened, untrue) };
        if (JsonSerializer.Serialize(arrived, JsonSerializerOptions.Web).Length > MaxEventChars)
            arrived = arrived with { Opened = Failed(arrived.Opened, "The result is too large.") };
        var outcome = await workflows.RaiseEventAsync(result.Job.Value, InferenceJob.ResultEvent, arrived, cancel);
        if (outcome == RaiseOutcome.NotFound)
            return (Delivery.Retry, null);
        await RecordAsync(message, result, signer, arrived.Evidence, cancel);
        return (Delivery.Accepted, null);
    }

    /// <summary>Puts a result on record as what the edge said first, or holds it against what that was.</summary>
    private async Task RecordAsync(SignedMessage message, ChainResult result, NodeId signer, Digest evidence, CancellationToken cancel)
    {
        var kept = await firsts.AddAsync(result.Session, signer, new FirstResult(result.Failure is null ? Said(result) : null, evidence), cancel);
        if (kept.Evidence != evidence)
            await CompareAsync(kept, message, result, signer, cancel);
    }

    /// <summary>Slashes an edge whose second answer can only be a contradiction of its first, and stages whose receipts in the two contradict each other.</summary>
    private async Task CompareAsync(FirstResult first, SignedMessage message, ChainResult result, NodeId edge, CancellationToken cancel)
    {
        if (result.Failure is not null || first.Proven || first.Said is not { } said || Digest.Of(Bytes(message)) == first.Evidence)
            return;
        if (await ReadAsync(first.Evidence, cancel) is not { } before)
            return;
        bool equivocates = Said(result) != said && Equivocation.Proves(before, result);
        var stages = ReceiptContradiction.Find(before, result);
        if (!equivocates && stages.Count == 0)
            return;
        var second = await KeepAsync(message, cancel);
        if (equivocates)
            await SlashAsync(result, edge, first.Evidence, second, cancel);
        foreach (var (stage, node) in stages)
        {
            await stakes.SlashAsync(
                node,
                new ProvenFault(
                    new Slash(DisputeGame.ReceiptEvidence(result.Session, stage), FaultKind.Contradiction, time.GetUtcNow(), null, "It signed two receipts of the same inputs with different outputs."),
                    [first.Evidence, second],
                    null,
                    result.Job.Value),
                cancel);
        }

        // Proven once; more of them would only fill the store.
        await firsts.ProvenAsync(result.Session, edge, first, cancel);
    }

    /// <summary>What an edge says the answer is.</summary>
    private static Digest Said(ChainResult result) => Digest.Of(JsonSerializer.SerializeToUtf8Bytes(result.Choices.Select(c => c.Tokens), JsonSerializerOptions.Web));

    /// <summary>Two signed answers to one assignment: no referee is needed.</summary>
    private Task SlashAsync(ChainResult result, NodeId edge, Digest first, Digest second, CancellationToken cancel) => stakes.SlashAsync(
        edge,
        new ProvenFault(
            new Slash($"results:{result.Session}", FaultKind.Contradiction, time.GetUtcNow(), null, "It signed two different answers to one assignment."),
            [first, second],
            null,
            result.Job.Value),
        cancel);

    private string? Problem(ChainResult result, NodeId signer)
    {
        if (result.SchemaVersion != ChainResult.CurrentSchema)
            return $"schema: {result.SchemaVersion} is not {ChainResult.CurrentSchema}";
        if (result.Node != signer)
            return "signer: the result is of another node";
        if (result.Chain < 0 || result.Attempt < 0 || result.Session != SessionId.Derive(result.Job, result.Chain, result.Attempt))
            return "session: it does not follow from the job";
        // Without it anybody could fill the broker's few places with results of jobs to come, which are delivered again until their job is on record.
        if (result.Ticket != tickets.DigestOf(result.Session))
            return "ticket: the platform gave this session to no edge";
        if (result.Choices.Count > Assignment.MaxChoices || result.Choices.Any(c => c?.Tokens is null || c.Text is null))
            return "choices: too many, or one is empty";
        if (result.Choices.Sum(c => (long)c.Tokens.Count) > options.MaxJobTokens)
            return "tokens: too many";
        return result.Receipts.Count > MaxReceipts || result.Receipts.Any(r => r is null) ? "receipts: too many, or one is empty" : null;
    }

    /// <summary>Whether the signer is the edge of that session: nothing else gets into a job's journal.</summary>
    private static bool Expects(JobSnapshot job, ChainResult result, NodeId signer) =>
        job.Progress.Chains.Any(c => c.Chain == result.Chain && c.Session == result.Session && c.Edge.Node == signer);

    /// <summary>Whether a chain that is not recorded may still become one. The workflow records chains before it dispatches them, but not every store shows that at once.</summary>
    private static bool MayFollow(JobSnapshot job, ChainResult result) =>
        result.Attempt <= InferenceJob.MaxAttempts && result.Chain <= job.Spec.Chains
        && job.Progress.Chains.All(c => c.Chain != result.Chain || c.Attempt < result.Attempt);

    /// <summary>The same result as a failure of its edge.</summary>
    private static OpenedResult Failed(OpenedResult opened, string why) => opened with
    {
        Result = opened.Result with { Choices = [], Failure = new ChainFailure(FailureCodes.Internal, why, 0) },
        Receipts = [],
        Tokens = [],
    };

    private async Task<ChainResult?> ReadAsync(Digest evidence, CancellationToken cancel)
    {
        SignedMessage? message;
        try
        {
            await using var content = await blobs.OpenAsync(evidence, cancel);
            message = await JsonSerializer.DeserializeAsync(content, ContractsJson.Default.SignedMessage, cancel);
        }
        catch (FileNotFoundException)
        {
            // Kept for a limited time: without the first signature there is no proof.
            return null;
        }

        return MessageSigning.TryOpen(message, MessageTypes.ChainResult, ContractsJson.Default.ChainResult, out var result, out _) ? result : null;
    }

    private async Task<Digest> KeepAsync(SignedMessage message, CancellationToken cancel)
    {
        using var content = new MemoryStream(Bytes(message));
        return await blobs.PutAsync(content, cancel);
    }

    private static byte[] Bytes(SignedMessage message) => JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Default.SignedMessage);

    /// <summary>Ids start with their time of creation: a result may overtake the commit of its own job by a moment.</summary>
    private bool IsRecent(JobId job)
    {
        long created = Convert.ToInt64(job.Value.Substring(4, 12), 16);
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return Math.Abs(now - created) < Patience.TotalMilliseconds;
    }
}
