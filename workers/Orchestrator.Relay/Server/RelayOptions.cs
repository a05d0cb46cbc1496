using System.Net;
using Orchestrator.Contracts;

namespace Orchestrator.Relay.Server;

/// <summary>How a relay runs. Every limit is a bound on memory or on work that strangers can cause.</summary>
public sealed record RelayOptions
{
    /// <summary>Where it listens.</summary>
    public IPAddress Address { get; init; } = IPAddress.IPv6Any;

    /// <summary>Port; 0 takes any free one.</summary>
    public int Port { get; init; } = 8444;

    /// <summary>The platform's identity: bound by the limits over all, not by those per identity. Null without one.</summary>
    public NodeId? Platform { get; init; }

    /// <summary>Connections that have not said hello yet, over all.</summary>
    public int MaxHandshakes { get; init; } = 512;

    /// <summary>Connections from one address that have not said hello yet.</summary>
    public int MaxHandshakesPerAddress { get; init; } = 64;

    /// <summary>Nodes registered at a time.</summary>
    public int MaxNodes { get; init; } = 10_000;

    /// <summary>Calls not answered yet, over all.</summary>
    public int MaxPending { get; init; } = 2_000;

    /// <summary>Calls not answered yet, of one dialler and to one node.</summary>
    public int MaxPendingPerIdentity { get; init; } = 32;

    /// <summary>Spliced streams, over all.</summary>
    public int MaxSplices { get; init; } = 4_000;

    /// <summary>Spliced streams of one dialler and to one node.</summary>
    public int MaxSplicesPerIdentity { get; init; } = 256;

    /// <summary>Spliced streams and calls not answered yet from one dialler to one node: so many diallers it takes at least to use up a node's places.</summary>
    public int MaxSplicesPerPair { get; init; } = 16;

    /// <summary>Registrations and calls of one identity per second, in the long run.</summary>
    public double HellosPerSecond { get; init; } = 20;

    /// <summary>The same at once.</summary>
    public int HelloBurst { get; init; } = 100;

    /// <summary>Bytes per second of one identity over all its streams and both directions, in the long run.</summary>
    public double BytesPerSecond { get; init; } = 32 << 20;

    /// <summary>The same at once.</summary>
    public int ByteBurst { get; init; } = 64 << 20;

    /// <summary>Identities remembered for the sake of their limits.</summary>
    public int MaxIdentities { get; init; } = 50_000;

    /// <summary>From the first byte to the end of the hello.</summary>
    public TimeSpan HandshakeLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From a call until the node must have answered it.</summary>
    public TimeSpan AnswerLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a registered node is asked for a sign of life.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest silence of a registered node, and longest wait for one to take a message.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time without a byte in either direction of a spliced stream.</summary>
    public TimeSpan IdleLimit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Everything that is wrong, each with its fix; empty when the options can be used.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (Port is < 0 or > 65_535)
            errors.Add("Relay:Port must lie in 0..65535; 0 takes any free port.");
        foreach (var (name, limit) in new (string, double)[]
        {
            (nameof(MaxHandshakes), MaxHandshakes), (nameof(MaxHandshakesPerAddress), MaxHandshakesPerAddress), (nameof(MaxNodes), MaxNodes), (nameof(MaxPending), MaxPending),
            (nameof(MaxPendingPerIdentity), MaxPendingPerIdentity), (nameof(MaxSplices), MaxSplices), (nameof(MaxSplicesPerIdentity), MaxSplicesPerIdentity),
            (nameof(MaxSplicesPerPair), MaxSplicesPerPair),
            (nameof(HellosPerSecond), HellosPerSecond), (nameof(HelloBurst), HelloBurst), (nameof(BytesPerSecond), BytesPerSecond), (nameof(ByteBurst), ByteBurst),
            (nameof(MaxIdentities), MaxIdentities), (nameof(HandshakeLimit), HandshakeLimit.TotalSeconds), (nameof(AnswerLimit), AnswerLimit.TotalSeconds),
            (nameof(PingInterval), PingInterval.TotalSeconds), (nameof(SilenceLimit), SilenceLimit.TotalSeconds), (nameof(IdleLimit), IdleLimit.TotalSeconds),
        })
        {
            if (!(limit > 0))
                errors.Add($"Relay:{name} must be above 0.");
        }

        if (SilenceLimit <= PingInterval)
            errors.Add("Relay:SilenceLimit must be longer than Relay:PingInterval.");
        return errors;
    }
}
