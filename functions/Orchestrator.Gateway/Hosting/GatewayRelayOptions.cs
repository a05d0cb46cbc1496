using System.Net;
using Orchestrator.Contracts;
using Orchestrator.Relay.Server;

namespace Orchestrator.Gateway.Hosting;

/// <summary>
/// The relay in this gateway; section <c>Gateway:Relay</c>. It shows the gateway's certificate. A node is registered at the relay of its gateway, so each replica
/// that has one needs an address of its own: behind one address a call would meet a replica that does not know the node.
/// </summary>
public sealed record GatewayRelayOptions
{
    private static readonly RelayOptions Defaults = new();

    /// <summary>Whether it runs. Default false.</summary>
    public bool Enabled { get; init; }

    /// <summary>Its port, TLS. 0 takes any free one. Default 8444.</summary>
    public int Port { get; init; } = 8444;

    /// <summary>The platform's Ed25519 public key, 64 hex digits: it may reach every node and is bound by the limits over all only. Required.</summary>
    public string PlatformKey { get; init; } = "";

    /// <summary>Let every key reach the nodes registered here, not only nodes that are logged in here or known to the control plane. Default false.</summary>
    public bool OpenToDial { get; init; }

    /// <summary>Connections that have not said hello yet, over all. Default 512.</summary>
    public int MaxHandshakes { get; init; } = Defaults.MaxHandshakes;

    /// <summary>Connections from one address that have not said hello yet. Default 64.</summary>
    public int MaxHandshakesPerAddress { get; init; } = Defaults.MaxHandshakesPerAddress;

    /// <summary>Nodes registered at a time. Default 10000.</summary>
    public int MaxNodes { get; init; } = Defaults.MaxNodes;

    /// <summary>Calls not answered yet, over all. Default 2000.</summary>
    public int MaxPending { get; init; } = Defaults.MaxPending;

    /// <summary>Calls not answered yet, of one dialler and to one node. Default 32.</summary>
    public int MaxPendingPerIdentity { get; init; } = Defaults.MaxPendingPerIdentity;

    /// <summary>Streams, over all. Default 4000.</summary>
    public int MaxSplices { get; init; } = Defaults.MaxSplices;

    /// <summary>Streams of one dialler and to one node. Default 256.</summary>
    public int MaxSplicesPerIdentity { get; init; } = Defaults.MaxSplicesPerIdentity;

    /// <summary>Streams from one dialler to one node. Default 16.</summary>
    public int MaxSplicesPerPair { get; init; } = Defaults.MaxSplicesPerPair;

    /// <summary>Registrations and calls of one identity per second, in the long run. Default 20.</summary>
    public double HellosPerSecond { get; init; } = Defaults.HellosPerSecond;

    /// <summary>The same at once. Default 100.</summary>
    public int HelloBurst { get; init; } = Defaults.HelloBurst;

    /// <summary>Bytes per second of one identity over all its streams and both directions, in the long run. Default 32 MiB.</summary>
    public double BytesPerSecond { get; init; } = Defaults.BytesPerSecond;

    /// <summary>The same at once. Default 64 MiB.</summary>
    public int ByteBurst { get; init; } = Defaults.ByteBurst;

    /// <summary>Longest time without a byte in either direction of a stream. Default 2 min.</summary>
    public TimeSpan IdleLimit { get; init; } = Defaults.IdleLimit;

    /// <summary>The platform's identity; null when the key is no key.</summary>
    internal NodeId? Platform => PublicKeyText.TryParse(PlatformKey, out byte[] key) ? NodeId.FromPublicKey(key) : null;

    /// <summary>What the relay is started with.</summary>
    internal RelayOptions For(IPAddress address) => new()
    {
        Address = address,
        Port = Port,
        Platform = Platform,
        MaxHandshakes = MaxHandshakes,
        MaxHandshakesPerAddress = MaxHandshakesPerAddress,
        MaxNodes = MaxNodes,
        MaxPending = MaxPending,
        MaxPendingPerIdentity = MaxPendingPerIdentity,
        MaxSplices = MaxSplices,
        MaxSplicesPerIdentity = MaxSplicesPerIdentity,
        MaxSplicesPerPair = MaxSplicesPerPair,
        HellosPerSecond = HellosPerSecond,
        HelloBurst = HelloBurst,
        BytesPerSecond = BytesPerSecond,
        ByteBurst = ByteBurst,
        IdleLimit = IdleLimit,
    };
}
