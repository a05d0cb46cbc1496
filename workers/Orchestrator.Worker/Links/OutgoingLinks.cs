using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Contracts;
using Orchestrator.Relay.Client;
using Orchestrator.Relay.Paths;
using Orchestrator.Relay.Wire;
using Orchestrator.Worker.Diagnostics;
using Orchestrator.Worker.Identity;

namespace Orchestrator.Worker.Links;

/// <summary>
/// Links this node dialled, one per endpoint and certificate, kept open between sessions. A link is dialled at its first use, directly or through the
/// peer's relay as <see cref="PathPolicy"/> has it, and carries frames in one direction; the peer answers on it only with signs of life and refusals.
/// </summary>
public sealed class OutgoingLinks : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Address, Entry> links = new();
    private readonly ConcurrentDictionary<Entry, bool> retired = new();
    private readonly ConcurrentDictionary<Address, Task> probes = new();
    private readonly CancellationTokenSource stop = new();
    private readonly ILinkReceiver receiver;
    private readonly TimeProvider time;
    private readonly RelayDialer relays;
    private readonly PathPolicy policy;
    private readonly PathRace race;
    private readonly SslStreamCertificateContext identity;
    private volatile bool disposed;

    /// <summary>No links yet.</summary>
    /// <param name="certificate">What this node presents to peers.</param>
    /// <param name="receiver">Where frames go.</param>
    /// <param name="time">The clock.</param>
    /// <param name="relays">Dials relays under this node's key.</param>
    /// <param name="paths">How ways are chosen; the standard choice when null.</param>
    public OutgoingLinks(NodeCertificate certificate, ILinkReceiver receiver, TimeProvider time, RelayDialer relays, PathOptions? paths = null)
    {
        (this.receiver, this.time, this.relays) = (receiver, time, relays);
        identity = SslStreamCertificateContext.Create(certificate.Certificate, null, offline: true);
        policy = new PathPolicy(paths ?? PathOptions.Default, time);
        race = new PathRace(policy, time);
    }

    /// <summary>The link to a peer; frames wait until it is up.</summary>
    public PeerConnection To(Hop hop)
    {
        var key = new Address(hop.Node, hop.DataEndpoint, hop.Relay, hop.CertificateDigest);
        var entry = links.GetOrAdd(key, NewEntry);
        if (entry.Link.Path == LinkPath.Relay && key.HasBoth)
            Reconsider(key, entry);
        while (entry.Link is { IsBroken: true } or { Retired: true } && !disposed)
        {
            // It ends just now: a new session must not inherit that.
            links.TryRemove(KeyValuePair.Create(key, entry));
            entry = links.GetOrAdd(key, NewEntry);
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
        await stop.CancelAsync();
        Entry[] running = [.. links.Values, .. retired.Keys];
        foreach (var entry in running)
            entry.Link.Break("the node stops");
        await Task.WhenAll([.. running.Select(e => e.Running), .. probes.Values]);
        stop.Dispose();
    }

    private Entry NewEntry(Address key) => new(new PeerConnection(key.Certificate, receiver, time) { Measured = (path, trip) => policy.Measured(key.Certificate, path, trip) });

    private async Task RunAsync(Address key, Entry entry)
    {
        // Off the caller's thread: the caller is an executor that must not wait for a dial.
        await Task.Yield();
        await entry.Link.RunAsync(cancel => DialAsync(key, cancel), pings: true);
        links.TryRemove(KeyValuePair.Create(key, entry));
        retired.TryRemove(entry, out _);
    }

    // A link through a relay lasts; whether the peer can be dialled by now is tried beside it, and new sessions get the better way.
    private void Reconsider(Address key, Entry entry)
    {
        if (policy.Plan(key.Certificate, direct: true, relay: true).First == LinkPath.Direct && policy.IsProven(key.Certificate))
        {
            retired[entry] = true;
            entry.Link.Retired = true;
        }
        else if (policy.IsProbeDue(key.Certificate) && !disposed)
        {
            probes.GetOrAdd(key, k => Task.Run(() => ProbeAsync(k)));
        }
    }

    private async Task ProbeAsync(Address key)
    {
        try
        {
            using var limit = new CancellationTokenSource(PeerConnection.SilenceLimit, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop.Token);
            (await race.RunAsync(key.Certificate, new PathPlan(LinkPath.Direct, null, TimeSpan.Zero), (_, c) => DirectAsync(key, c), both.Token)).Dispose();
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or InvalidDataException or OperationCanceledException)
        {
            policy.Failed(key.Certificate, LinkPath.Direct);
        }
        finally
        {
            probes.TryRemove(key, out _);
        }
    }

    private async Task<LinkStream> DialAsync(Address key, CancellationToken cancel)
    {
        using var span = WorkerTelemetry.Spans.StartActivity("link", ActivityKind.Client);
        span?.SetTag("peer", key.Certificate.Short);
        var plan = policy.Plan(key.Certificate, key.Endpoint.Length > 0, key.Relay is not null);
        var stream = await race.RunAsync(key.Certificate, plan, (path, c) => path == LinkPath.Direct ? DirectAsync(key, c) : RelayedAsync(key, c), cancel);
        span?.SetTag("path", stream.Path == LinkPath.Direct ? "direct" : "relay");
        return stream;
    }

    private async Task<LinkStream> DirectAsync(Address key, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(RelayLink.Parse(key.Endpoint), cancel);
            return await SecureAsync(new NetworkStream(socket, ownsSocket: true), socket, LinkPath.Direct, key.Certificate, cancel);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<LinkStream> RelayedAsync(Address key, CancellationToken cancel)
    {
        var link = await relays.DialAsync(key.Relay!, key.Node, RelayPort.Data, cancel);
        try
        {
            return await SecureAsync(link.Stream, link.Socket, LinkPath.Relay, key.Certificate, cancel);
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    // The same inside a relay's stream as on a socket: what lies in between sees ciphertext and cannot pass for the peer.
    private async Task<LinkStream> SecureAsync(Stream below, Socket socket, LinkPath path, Digest expected, CancellationToken cancel)
    {
        var tls = new SslStream(below, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(Options(expected), cancel);
            return new LinkStream(tls, socket, keepBlocking: false, path);
        }
        catch
        {
            await tls.DisposeAsync();
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

    private sealed record Address(NodeId Node, string Endpoint, RelayEndpoint? Relay, Digest Certificate)
    {
        public bool HasBoth => Endpoint.Length > 0 && Relay is not null;
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
