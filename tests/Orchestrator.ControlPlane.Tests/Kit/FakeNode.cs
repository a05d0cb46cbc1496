using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Tests.Kit;

/// <summary>One node of a <see cref="FakeNetwork"/>: a real identity and real messages, no model.</summary>
internal sealed class FakeNode(int number, string host, SigningKey key)
{
    private long sequence = 1;

    public int Number { get; } = number;

    public string Host { get; } = host;

    public SigningKey Key { get; } = key;

    public NodeId Id => Key.Node;

    /// <summary>Class it says it runs in.</summary>
    public ExecutionClass Class { get; set; } = FakeNetwork.Class;

    /// <summary>Where it says its stream API is; null for where it is.</summary>
    public Uri? Claimed { get; set; }

    /// <summary>Its stream API breaks every connection off.</summary>
    public bool Deaf { get; set; }

    /// <summary>It is about to leave: refuses new sessions and says so in its heartbeats.</summary>
    public bool Draining { get; set; }

    /// <summary>It is gone without a word: sends no heartbeats, answers nobody, and its sessions are over.</summary>
    public bool Lost { get; set; }

    /// <summary>Shards it claims to hold.</summary>
    public HashSet<(Digest Manifest, int Stage)> Shards { get; } = [];

    public NodeRecord Record(Uri streams, Digest certificate, DateTimeOffset now) => new(
        NodeRecord.CurrentSchema, Id, Host, "test", $"127.0.0.1:{20_000 + Number}", Claimed ?? new Uri(streams, Id.Value), certificate,
        new NodeCapability(1L << 30, 1, 64, Class), 1, now);

    public NodeHeartbeat Heartbeat(DateTimeOffset now) => new(
        NodeHeartbeat.CurrentSchema, Id, Interlocked.Increment(ref sequence),
        [.. Shards.Select(s => new ShardStatus(s.Manifest, s.Stage, ShardState.Ready))], 0, Draining, now);
}
