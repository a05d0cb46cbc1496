using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Dispatch;

namespace Orchestrator.ControlPlane.Streaming;

/// <summary>
/// HTTPS clients for edges, one per endpoint and certificate: a pooled connection to one node can never serve another node that claims the same
/// address. Nodes choose their own endpoint, so nothing is followed: no redirects, proxies or cookies.
/// </summary>
public sealed class EdgeClients : IDisposable
{
    private const int MaxClients = 1024;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<(Uri, Digest), HttpClient> clients = new();

    /// <summary>The client of a chain's edge.</summary>
    public HttpClient For(DispatchedChain chain) => For(chain.StreamEndpoint, chain.Edge.CertificateDigest);

    /// <summary>The client of a node's endpoint under the certificate that the node has pinned.</summary>
    public HttpClient For(Uri endpoint, Digest certificate)
    {
        var key = (endpoint, certificate);
        if (clients.Count >= MaxClients && !clients.ContainsKey(key))
            DropOne();
        return clients.GetOrAdd(key, static k => Create(k.Item2));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var client in clients.Values)
            client.Dispose();
    }

    // Not disposed: a stream may still be reading from it, and an unreferenced handler closes its idle connections by itself.
    private void DropOne() => clients.TryRemove(clients.Keys.First(), out _);

    private static HttpClient Create(Digest certificate)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            MaxResponseHeadersLength = 16,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, presented, _, _) => presented is X509Certificate2 c && Digest.Of(c.RawDataMemory.Span) == certificate,
            },
        };
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }
}
