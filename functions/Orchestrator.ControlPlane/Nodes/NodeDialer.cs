using System.Collections.Concurrent;
using Dapr.Actors.Client;
using Microsoft.Extensions.Logging;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Diagnostics;
using Orchestrator.ControlPlane.Streaming;
using Orchestrator.Core.Nodes;

namespace Orchestrator.ControlPlane.Nodes;

/// <summary>
/// Dials the stream endpoints of nodes that report, and remembers with the node whether somebody with its certificate answered. Runs beside the messages: a node chooses its own
/// address, and one that swallows packets must not hold up what others say.
/// </summary>
public sealed partial class NodeDialer(
    EdgeClients clients, IActorProxyFactory actors, ControlPlaneOptions options, ControlPlaneMetrics metrics, TimeProvider time, ILogger<NodeDialer> log) : IDisposable
{
    /// <summary>Most attempts at once to nodes that were reached before, and as many to others: strangers must not keep nodes that work from being dialled in time.</summary>
    public const int AtOnce = 64;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    private readonly ConcurrentDictionary<NodeId, bool> running = new();
    private readonly ConcurrentDictionary<NodeId, bool> doubted = new();
    private readonly CancellationTokenSource stop = new();
    private int known, strangers;

    /// <summary>What nodes must have shown.</summary>
    public ReachRule Rule => new(options.ReachProvenFor);

    /// <summary>Jobs were lost at these nodes: they are dialled at their next heartbeat, however lately they were reached.</summary>
    public void Doubt(IEnumerable<NodeId> nodes)
    {
        foreach (var node in nodes)
            doubted[node] = true;
    }

    /// <summary>Starts to dial a node that has just reported, if it is time and there is room; its next heartbeat asks again.</summary>
    /// <param name="node">The node.</param>
    /// <param name="changed">Told of the node when it has become fit for work or unfit.</param>
    public void Ask(NodeState node, Func<NodeState, CancellationToken, Task> changed)
    {
        var id = node.Record.Node;
        bool due = Rule.IsDue(node, time.GetUtcNow()) || (options.ReachProvenFor > TimeSpan.Zero && doubted.ContainsKey(id));
        if (!due || !running.TryAdd(id, true))
            return;
        ref int lane = ref node.Reach?.ReachedAt is null ? ref strangers : ref known;
        if (Interlocked.Increment(ref lane) > AtOnce)
        {
            Interlocked.Decrement(ref lane);
            running.TryRemove(id, out _);
            return;
        }

        doubted.TryRemove(id, out _);
        _ = Task.Run(() => DialAsync(node, changed, stop.Token), CancellationToken.None);
    }

    /// <summary>Why a node gets no work for now; null when nothing of this stands against it.</summary>
    public string? Problem(NodeState node) => Rule.Admits(node, time.GetUtcNow()) ? null : node.Reach is not { } reach
        ? "The platform has not dialled its stream endpoint yet: it does so when it hears of the node."
        : $"The platform does not get through to {node.Record.StreamEndpoint} ({(reach.ReachedAt is { } at ? $"last at {at:u}" : "it never did")}, last tried at {reach.At:u}): "
            + "the address may be wrong, the port closed, or another certificate shown. Name an address that the platform reaches, or give the worker a relay.";

    /// <inheritdoc />
    public void Dispose()
    {
        stop.Cancel();
        stop.Dispose();
    }

    private async Task DialAsync(NodeState node, Func<NodeState, CancellationToken, Task> changed, CancellationToken cancel)
    {
        var record = node.Record;
        try
        {
            bool reached = await AnswersAsync(record, cancel);
            metrics.Dialled(reached ? "reached" : "missed");
            var now = time.GetUtcNow();
            if (await actors.Node(record.Node).DialledAsync(new NodeDial(record.StreamEndpoint, record.CertificateDigest, now, reached)) is not { Reach: { } reach } after)
                return;
            if (reach.Missed == ReachRule.MostMissed)
                Unreached(log, record.Node.Value, record.StreamEndpoint);
            if (Rule.Admits(node, now) != Rule.Admits(after, now))
                await changed(after, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            Failed(log, e, record.Node.Value);
        }
        catch (Exception e)
        {
            // The platform stops, and its clients may be gone already.
            Stopped(log, e.Message);
        }
        finally
        {
            if (node.Reach?.ReachedAt is null)
                Interlocked.Decrement(ref strangers);
            else
                Interlocked.Decrement(ref known);
            running.TryRemove(record.Node, out _);
        }
    }

    /// <summary>Any answer will do: the connection was made anew, and TLS has checked the certificate before.</summary>
    private async Task<bool> AnswersAsync(NodeRecord record, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            using var client = clients.Fresh(record.Node, record.StreamEndpoint, record.CertificateDigest, record.Relay);
            using var response = await client.GetAsync(record.StreamEndpoint, HttpCompletionOption.ResponseHeadersRead, both.Token);
            return true;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && e is HttpRequestException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(EventId = 84, Level = LogLevel.Warning, Message = "Node {Node} reports, but the platform does not get through to {Endpoint}: it gets no work until it does")]
    private static partial void Unreached(ILogger log, string node, Uri endpoint);

    [LoggerMessage(EventId = 86, Level = LogLevel.Debug, Message = "A dial was given up as the platform stops: {Reason}")]
    private static partial void Stopped(ILogger log, string reason);

    [LoggerMessage(EventId = 85, Level = LogLevel.Warning, Message = "Whether node {Node} can be reached could not be written down")]
    private static partial void Failed(ILogger log, Exception exception, string node);
}
