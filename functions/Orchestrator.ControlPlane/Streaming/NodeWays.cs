using System.Net;
using System.Net.Sockets;
using Orchestrator.Contracts;
using Orchestrator.Relay.Client;
using Orchestrator.Relay.Paths;
using Orchestrator.Relay.Wire;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Streaming;

/// <summary>
/// Opens connections to the stream API of nodes that have a relay: directly or through it, whichever works. TLS with the node's pinned certificate comes on
/// top, by whoever asked for the connection.
/// </summary>
public sealed class NodeWays(SigningKey platform, TimeProvider time)
{
    private readonly RelayDialer relays = new(platform);
    private readonly PathPolicy policy = new(PathOptions.Default, time);

    /// <summary>Opens a connection.</summary>
    public async Task<Stream> OpenAsync(NodeId node, Digest certificate, RelayEndpoint relay, DnsEndPoint? endpoint, CancellationToken cancel)
    {
        var plan = policy.Plan(certificate, direct: endpoint is not null, relay: true);
        var way = await new PathRace(policy, time).RunAsync(
            certificate,
            plan,
            (path, c) => path == LinkPath.Direct ? DirectAsync(endpoint!, c) : relays.DialAsync(relay, node, RelayPort.Stream, c),
            cancel);
        return way.Stream;
    }

    /// <summary>Somebody else listens at a node's address: its relay is asked for a while.</summary>
    public void Mistaken(Digest certificate) => policy.Failed(certificate, LinkPath.Direct);

    private static async Task<RelayLink> DirectAsync(DnsEndPoint endpoint, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, cancel);
            return new RelayLink(new NetworkStream(socket, ownsSocket: true), socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
