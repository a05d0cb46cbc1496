using System.Collections.Concurrent;
using Dapr.Actors.Client;
using Microsoft.Extensions.Logging;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Diagnostics;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.Core.Nodes;

namespace Orchestrator.ControlPlane.Availability;

/// <summary>
/// Has nodes show that they reach the door for answers before anything is demanded of them, when they join and from time to time, and remembers when they did.
/// </summary>
public sealed partial class NodeDoors(
    Dispatcher dispatcher, IActorProxyFactory actors, PublicAddress address, ControlPlaneOptions options, ControlPlaneMetrics metrics, TimeProvider time, ILogger<NodeDoors> log)
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>A node that has just joined is given this long before anybody is told.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<NodeId, Asked> asked = new();

    /// <summary>What nodes must have shown; nothing while the platform has no public address.</summary>
    public DoorRule Rule => address.Value is null ? DoorRule.Off : new DoorRule(options.Audits.DoorProvenFor);

    /// <summary>Asks a node when it is time, again and again until it has been heard.</summary>
    public async Task AskAsync(NodeState state, CancellationToken cancel)
    {
        var (node, now) = (state.Record.Node, time.GetUtcNow());
        if (!Rule.IsDue(state, now) || address.AnswerTo(DemandId.OfDoor(node)) is not { } answerTo)
        {
            asked.TryRemove(node, out _);
            return;
        }

        long stamp = time.GetTimestamp();
        var before = asked.GetValueOrDefault(node);
        if (before is not null && time.GetElapsedTime(before.Last, stamp) < options.PlacementResendInterval)
            return;
        bool tell = before is { Told: false } && time.GetElapsedTime(before.First, stamp) >= Quiet && !Rule.IsProven(state, now);
        asked[node] = new Asked(before?.First ?? stamp, stamp, tell || (before?.Told ?? false));
        if (tell)
            Unproven(log, node.Value, answerTo.GetLeftPart(UriPartial.Authority));
        var expires = now + TimeSpan.FromMinutes(1);
        await dispatcher.SendAsync(
            node, MessageTypes.DoorCheck, new DoorCheck(DoorCheck.CurrentSchema, node, answerTo, expires), ContractsJson.Default.DoorCheck, expires, cancel);
        metrics.Door("asked");
    }

    /// <summary>Remembers that a node was heard at the door; the node as it is then, or null when it is not registered or what it signed is not of now.</summary>
    public async Task<NodeState?> ProveAsync(DemandAnswer answer)
    {
        var now = time.GetUtcNow();
        // What was signed once must not stand for a door that is shut by now.
        if ((now - answer.IssuedAt).Duration() > ClockSkew || await actors.Node(answer.Node).ProveDoorAsync(now < answer.IssuedAt ? now : answer.IssuedAt) is not { } state)
            return null;
        metrics.Door("proven");
        return state;
    }

    /// <summary>Why a node gets no checked work for now; null when nothing of this stands against it.</summary>
    public string? Problem(NodeState node)
    {
        var now = time.GetUtcNow();
        if (Rule.Admits(node, now))
            return null;
        return DoorRule.Owes(node, now)
            ? $"It left a demand of evidence unanswered while it may not have been able to answer; that counts against it until {node.OwesUntil:u}."
            : $"It has {(node.DoorProvenAt is { } at ? $"last shown at {at:u}" : "never shown")} that it reaches the door for answers to demands of evidence, {address.Value}: that address, or its gateway's Gateway:AnswerUrl, may be wrong or closed to it.";
    }

    [LoggerMessage(EventId = 63, Level = LogLevel.Warning, Message = "Node {Node} has not shown that it reaches the door for answers at {Door}, so that it gets no checked work. If many do not, ControlPlane:PublicUrl or Gateway:AnswerUrl is wrong.")]
    private static partial void Unproven(ILogger log, string node, string door);

    private sealed record Asked(long First, long Last, bool Told);
}
