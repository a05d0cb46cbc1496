using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Streaming;

/// <summary>
/// HTTPS clients for edges, one per endpoint and certificate: a pooled connection to one node can never serve another node that claims the same
/// address. A node with a relay is reached directly or through it. Nodes choose their own endpoint, so nothing is followed: no redirects, proxies or cookies.
/// </summary>
public sealed class EdgeClients(SigningKey platform, TimeProvider time) : IDisposable
{
    private const int MaxClients = 1024;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    // A relay takes a hello and a call to the node on top.
    private static readonly TimeSpan RelayedConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(NodeId, Uri, Digest, RelayEndpoint?), HttpClient> clients = new();
    private readonly NodeWays ways = new(platform, time);

    /// <summary>The client of a chain's edge.</summary>
    public HttpClient For(DispatchedChain chain) => For(chain.Edge.Node, chain.StreamEndpoint, chain.Edge.CertificateDigest, chain.Edge.Relay);

    /// <summary>The client of a node's endpoint under the certificate that the node has pinned.</summary>
    public HttpClient For(NodeId node, Uri endpoint, Digest certificate, RelayEndpoint? relay)
    {
        var key = (node, endpoint, certificate, relay);
        if (clients.Count >= MaxClients && !clients.ContainsKey(key))
            DropOne();
        return clients.GetOrAdd(key, k => Create(k.Item1, k.Item2, k.Item3, k.Item4));
    }

    /// <summary>A client of its own, to see whether the endpoint can be reached now; the caller disposes it.</summary>
    public HttpClient Fresh(NodeId node, Uri endpoint, Digest certificate, RelayEndpoint? relay) => Create(node, endpoint, certificate, relay);

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var client in clients.Values)
            client.Dispose();
    }

    // Not disposed: a stream may still be reading from it, and an unreferenced handler closes its idle connections by itself.
    private void DropOne() => clients.TryRemove(clients.Keys.First(), out _);

    private HttpClient Create(NodeId node, Uri endpoint, Digest certificate, RelayEndpoint? relay)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = relay is null ? ConnectTimeout : RelayedConnectTimeout,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            MaxResponseHeadersLength = 16,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, presented, _, _) => Check(presented),
            },
        };
        if (relay is not null)
        {
            bool direct = !RelayEndpoint.IsHidden(endpoint);
            handler.ConnectCallback = (context, cancel) => new ValueTask<Stream>(ways.OpenAsync(node, certificate, relay, direct ? context.DnsEndPoint : null, cancel));
        }

        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };

        bool Check(X509Certificate? presented)
        {
            bool right = presented is X509Certificate2 c && Digest.Of(c.RawDataMemory.Span) == certificate;
            if (!right)
                ways.Mistaken(certificate);
            return right;
        }
    }
}
