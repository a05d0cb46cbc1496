using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Orchestrator.Worker.Identity;

namespace Orchestrator.Worker.Links;

/// <summary>
/// Links that peers dialled. Any certificate may connect, since a peer's assignment may arrive before ours; what it may do is decided
/// per session by its certificate's digest.
/// </summary>
/// <param name="receiver">Asked per link: the server makes this handler before the sessions exist.</param>
/// <param name="time">The clock.</param>
public sealed class IncomingLinks(Func<ILinkReceiver> receiver, TimeProvider time) : ConnectionHandler
{
    /// <summary>Most links at a time.</summary>
    public const int MaxLinks = 1024;

    private int count;

    /// <inheritdoc />
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        if (connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate is not { } certificate)
            return;
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket && socket.ProtocolType == ProtocolType.Tcp)
            socket.NoDelay = true;
        try
        {
            if (Interlocked.Increment(ref count) > MaxLinks)
                return;
            var link = new PeerConnection(NodeCertificate.DigestOf(certificate), receiver(), time);
            await using var closing = connection.ConnectionClosed.Register(() => link.Break("the peer closed the link"));
            var output = connection.Transport.Output;
            var stream = new LinkStream(
                connection.Transport.Input,
                async (bytes, cancel) =>
                {
                    if ((await output.WriteAsync(bytes, cancel)).IsCompleted)
                        throw new IOException("the peer closed the link");
                },
                null);
            await link.RunAsync(_ => Task.FromResult(stream), pings: false);
        }
        finally
        {
            Interlocked.Decrement(ref count);
        }
    }
}
