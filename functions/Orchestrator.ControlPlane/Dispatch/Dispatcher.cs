using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dapr.Client;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Diagnostics;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.Streaming;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Dispatch;

/// <summary>Signs and publishes what the platform tells nodes. Everything it sends may be sent again.</summary>
public sealed class Dispatcher(DaprClient dapr, SigningKey platform, StreamTokens tokens, TimeProvider time)
{
    /// <summary>Gives every node of the chains its part of the job, all at once.</summary>
    public async Task AssignAsync(JobSpec job, IReadOnlyList<DispatchedChain> chains, CancellationToken cancel)
    {
        using var span = JobSpans.Start("dispatch", job);
        span?.SetTag("orchestrator.chains", chains.Count);
        await Task.WhenAll(chains.SelectMany(chain => chain.Stages.Select((_, stage) => AssignAsync(job, chain, stage, cancel))));
    }

    /// <summary>Ends a chain's session on all its nodes.</summary>
    public Task CancelAsync(JobSpec job, DispatchedChain chain, CancellationToken cancel) =>
        Task.WhenAll(chain.Stages.Select(s => s.Node).Distinct().Select(node => SendAsync(
            node,
            MessageTypes.Cancellation,
            new Cancellation(Cancellation.CurrentSchema, node, chain.Session, job.Deadline),
            ContractsJson.Default.Cancellation,
            job.Deadline,
            cancel)));

    /// <summary>Tells a node which stages of a model to hold.</summary>
    public Task PlaceAsync(NodeId node, Digest manifest, IReadOnlyList<int> stages, long version, CancellationToken cancel) => SendAsync(
        node,
        MessageTypes.Placement,
        new Placement(Placement.CurrentSchema, node, manifest, stages, version, time.GetUtcNow()),
        ContractsJson.Default.Placement,
        time.GetUtcNow() + TimeSpan.FromMinutes(1),
        cancel);

    private Task AssignAsync(JobSpec job, DispatchedChain chain, int stage, CancellationToken cancel)
    {
        var node = chain.Stages[stage].Node;
        var edge = stage > 0
            ? null
            : new EdgeTask(job.Prompt, job.MaxCompletionTokens, job.Stop, job.IgnoreEnd, tokens.DigestOf(chain.Session));
        Hop[] hops = [.. chain.Stages.Select(s => new Hop(s.Node, s.Layers, s.DataEndpoint, s.CertificateDigest, s.Relay))];
        var assignment = new Assignment(
            Assignment.SchemaFor(hops),
            node,
            job.Job,
            chain.Session,
            chain.Chain,
            chain.Attempt,
            job.Manifest,
            stage,
            hops,
            job.Sampling,
            job.Choices,
            job.PromptTokens + job.MaxCompletionTokens,
            edge,
            job.Trace,
            job.Deadline,
            job.EvidenceUntil);
        return SendAsync(node, MessageTypes.Assignment, assignment, ContractsJson.Default.Assignment, job.Deadline, cancel);
    }

    /// <summary>Signs a message and publishes it on a node's work topic.</summary>
    public async Task SendAsync<T>(NodeId node, string type, T record, JsonTypeInfo<T> json, DateTimeOffset until, CancellationToken cancel)
    {
        var message = MessageSigning.Seal(type, record, json, platform);
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Default.SignedMessage);
        // A node that is away must not find work on its return that nobody waits for any more.
        var metadata = new Dictionary<string, string> { ["ttlInSeconds"] = Math.Max(1, (int)Math.Ceiling((until - time.GetUtcNow()).TotalSeconds)).ToString() };
        await dapr.PublishByteEventAsync(Topics.PubSub, Topics.Work(node), bytes, "application/json", metadata, cancel);
    }
}
