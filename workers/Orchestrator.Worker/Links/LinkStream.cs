using System.Net.Security;
using System.Net.Sockets;
using Orchestrator.Relay.Paths;

namespace Orchestrator.Worker.Links;

/// <summary>An open TLS stream to a peer.</summary>
/// <param name="tls">The stream; closed with this.</param>
/// <param name="socket">Under it.</param>
/// <param name="keepBlocking">
/// Whether writes must leave the socket in blocking mode, so that a read wakes its thread straight from the kernel: for the side that takes frames
/// and writes little.
/// </param>
/// <param name="path">How it gets to the peer.</param>
public sealed class LinkStream(SslStream tls, Socket socket, bool keepBlocking, LinkPath path = LinkPath.Direct) : IDisposable
{
    /// <summary>Longest wait for a peer to take a few bytes.</summary>
    public static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(5);

    /// <summary>How it gets to the peer.</summary>
    public LinkPath Path => path;

    /// <summary>Bytes from the peer; read on one thread.</summary>
    public Stream Input => tls;

    /// <summary>Sends bytes at once; one write at a time.</summary>
    /// <exception cref="IOException">The peer is gone or takes nothing.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        if (!keepBlocking)
            return tls.WriteAsync(bytes, cancel);
        if (!socket.Poll(TimeSpan.Zero, SelectMode.SelectWrite))
            throw new IOException("the peer does not take what is sent");
        tls.Write(bytes.Span);
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends reads and writes that wait; from any thread, any number of times.</summary>
    public void Abort()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It ended by itself.
        }
    }

    /// <inheritdoc />
    public void Dispose() => tls.Dispose();
}
