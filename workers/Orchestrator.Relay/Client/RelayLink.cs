using System.Net;
using System.Net.Sockets;

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
