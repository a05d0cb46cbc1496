using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Contracts;
using Orchestrator.Relay.Client;
using Orchestrator.Relay.Wire;

namespace Orchestrator.Worker.Availability;

/// <summary>
/// HTTPS clients for the stream API of other nodes. They chose the address themselves, so nothing is followed, and nothing but their own certificate is talked
/// to. A node with a relay is dialled directly first, where it can be, and then through the relay.
/// </summary>
public sealed class PeerClients(RelayDialer relays, TimeProvider time)
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A client for one node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="endpoint">Its stream endpoint.</param>
    /// <param name="certificate">SHA-256 of its certificate.</param>
    /// <param name="relay">Its relay; null without one.</param>
    public HttpClient For(NodeId node, Uri endpoint, Digest certificate, RelayEndpoint? relay)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = relay is null ? ConnectTimeout : ConnectTimeout * 2,
            MaxResponseHeadersLength = 16,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, presented, _, _) => presented is X509Certificate2 c && Digest.Of(c.RawDataMemory.Span) == certificate,
            },
        };
        if (relay is not null)
            handler.ConnectCallback = async (context, cancel) => (RelayEndpoint.IsHidden(endpoint) ? null : await DirectAsync(context.DnsEndPoint, cancel)) ?? await RelayedAsync(relay, node, cancel);
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private async Task<Stream?> DirectAsync(DnsEndPoint endpoint, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = new CancellationTokenSource(ConnectTimeout / 2, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            await socket.ConnectAsync(endpoint, both.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && (e is SocketException or OperationCanceledException))
        {
            socket.Dispose();
            return null;
        }
    }

    private async Task<Stream> RelayedAsync(RelayEndpoint relay, NodeId node, CancellationToken cancel)
    {
        try
        {
            return (await relays.DialAsync(relay, node, RelayPort.Stream, cancel)).Stream;
        }
        // The relay says that the node is not there, or did not come to the door: that is the node's doing. Everything else may be the relay's, or ours.
        catch (Exception e) when (e is not RelayRefusedException { Code: RelayCode.Unknown or RelayCode.Expired }
            && e is IOException or AuthenticationException or InvalidDataException or OperationCanceledException)
        {
            throw new NoWayException($"there is no way through the node's relay: {e.Message}", e);
        }
    }
}
