using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Contracts;
using Orchestrator.Worker.Diagnostics;
using Orchestrator.Worker.Identity;

namespace Orchestrator.Worker.Links;

/// <summary>
/// Links this node dialled, one per endpoint and certificate, kept open between sessions. A link is dialled at its first use and
/// carries frames in one direction; the peer answers on it only with signs of life and refusals.
/// </summary>
public sealed class OutgoingLinks(NodeCertificate certificate, ILinkReceiver receiver, TimeProvider time) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Endpoint, Digest Certificate), Entry> links = new();
    private readonly SslStreamCertificateContext identity = SslStreamCertificateContext.Create(certificate.Certificate, null, offline: true);
    private volatile bool disposed;

    /// <summary>The link to a peer; frames wait until it is up.</summary>
    public PeerConnection To(Hop hop)
    {
        var key = (hop.DataEndpoint, hop.CertificateDigest);
        var entry = links.GetOrAdd(key, _ => new Entry(new PeerConnection(hop.CertificateDigest, receiver, time)));
        while (entry.Link.IsBroken && !disposed)
        {
            // It ends just now: a new session must not inherit that.
            links.TryRemove(KeyValuePair.Create(key, entry));
            entry = links.GetOrAdd(key, _ => new Entry(new PeerConnection(hop.CertificateDigest, receiver, time)));
        }

        var started = entry;
        entry.Start(() => RunAsync(key, started));
        if (disposed)
            entry.Link.Break("the node stops");
        return entry.Link;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        disposed = true;
        var running = links.Values.ToArray();
        foreach (var entry in running)
            entry.Link.Break("the node stops");
        await Task.WhenAll(running.Select(e => e.Running));
    }

    private async Task RunAsync((string Endpoint, Digest Certificate) key, Entry entry)
    {
        // Off the caller's thread: the caller is an executor that must not wait for a dial.
        await Task.Yield();
        await entry.Link.RunAsync(cancel => DialAsync(key.Endpoint, key.Certificate, cancel), pings: true);
        links.TryRemove(KeyValuePair.Create(key, entry));
    }

    private async Task<LinkStream> DialAsync(string endpoint, Digest expected, CancellationToken cancel)
    {
        using var span = WorkerTelemetry.Spans.StartActivity("link", ActivityKind.Client);
        span?.SetTag("peer", expected.Short);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(Parse(endpoint), cancel);
            var tls = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
            try
            {
                await tls.AuthenticateAsClientAsync(Options(expected), cancel);
                return new LinkStream(tls, socket, keepBlocking: false);
            }
            catch
            {
                await tls.DisposeAsync();
                throw;
            }
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private SslClientAuthenticationOptions Options(Digest expected) => new()
    {
        TargetHost = "node",
        EnabledSslProtocols = SslProtocols.Tls13,
        ClientCertificateContext = identity,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, presented, _, _) => presented is not null && NodeCertificate.DigestOf(presented) == expected,
    };

    private static EndPoint Parse(string endpoint)
    {
        if (IPEndPoint.TryParse(endpoint, out var address))
            return address;
        int colon = endpoint.LastIndexOf(':');
        if (colon > 0 && ushort.TryParse(endpoint.AsSpan(colon + 1), out ushort port))
            return new DnsEndPoint(endpoint[..colon], port);
        throw new InvalidDataException($"'{endpoint}' is not host:port.");
    }

    private sealed class Entry(PeerConnection link)
    {
        private int started;

        public PeerConnection Link => link;

        public Task Running { get; private set; } = Task.CompletedTask;

        public void Start(Func<Task> run)
        {
            if (Interlocked.Exchange(ref started, 1) == 0)
                Running = run();
        }
    }
}
