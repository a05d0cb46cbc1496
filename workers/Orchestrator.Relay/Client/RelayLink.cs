using System.Net;
using System.Net.Sockets;
using Orchestrator.Relay.Server;

namespace Orchestrator.Relay.Client;

/// <summary>An open way through a relay: bytes as the other end sends them.</summary>
/// <param name="Stream">The bytes; closing it ends the way.</param>
/// <param name="Socket">Under it, for those who must end reads from another thread.</param>
public sealed record RelayLink(Stream Stream, Socket Socket) : IDisposable
{
    /// <inheritdoc />
    public void Dispose()
    {
        Stream.Dispose();
        Socket.Dispose();
    }

    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(10);

    /// <summary>Carries the bytes to and from a listener of this machine, until both directions have ended.</summary>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    public async Task CarryToAsync(IPEndPoint local, TimeProvider time, CancellationToken cancel)
    {
        using var socket = new Socket(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(local, cancel);
        await using var near = new NetworkStream(socket, ownsSocket: false);
        using var splice = new Splice(
            new RelayConnection(Stream, Stream is RelayStream relayed ? relayed.EndWritesAsync : () => Task.CompletedTask),
            new RelayConnection(near, () => { socket.Shutdown(SocketShutdown.Send); return Task.CompletedTask; }),
            [],
            IdleLimit,
            time,
            _ => { });
        await splice.RunAsync(cancel);
    }

    /// <summary>Reads <c>host:port</c>.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static EndPoint Parse(string endpoint)
    {
        if (IPEndPoint.TryParse(endpoint, out var address))
            return address;
        int colon = endpoint.LastIndexOf(':');
        if (colon > 0 && ushort.TryParse(endpoint.AsSpan(colon + 1), out ushort port))
            return new DnsEndPoint(endpoint[..colon], port);
        throw new InvalidDataException($"'{endpoint}' is not host:port.");
    }
}
