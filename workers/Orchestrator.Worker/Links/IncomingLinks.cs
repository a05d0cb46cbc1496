using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Relay.Client;
using Orchestrator.Relay.Paths;
using Orchestrator.Worker.Identity;

namespace Orchestrator.Worker.Links;

/// <summary>
/// Links that peers dialled, here or at this node's relay. Any certificate may connect, since a peer's assignment may arrive before ours; what it may do is decided
/// per session by its certificate's digest.
/// <para>
/// Each link has a thread that waits in a blocking read. A frame thus wakes one thread, which goes on to run the pass: an event loop and the pool
/// behind it would wake two or three more, each on a core whose caches the weights have swept.
/// </para>
/// </summary>
public sealed class IncomingLinks : IAsyncDisposable
{
    /// <summary>Most links at a time; each costs a thread.</summary>
    public const int MaxLinks = 256;

    private static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(10);

    private readonly Socket listener;
    private readonly ILinkReceiver receiver;
    private readonly TimeProvider time;
    private readonly SslServerAuthenticationOptions tlsOptions;
    private readonly Lock gate = new();
    private readonly Dictionary<PeerConnection, Task> links = [];
    private Task accepting = Task.CompletedTask;
    private bool disposed;

    /// <summary>Listens; nothing is accepted before <see cref="Start"/>.</summary>
    /// <exception cref="IOException">The port is taken or the address is not this machine's.</exception>
    public IncomingLinks(IPAddress address, int port, NodeCertificate certificate, ILinkReceiver receiver, TimeProvider time)
    {
        (this.receiver, this.time) = (receiver, time);
        tlsOptions = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate.Certificate, null, offline: true),
            EnabledSslProtocols = SslProtocols.Tls13,
            ClientCertificateRequired = true,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, presented, _, _) => presented is not null,
        };
        if (address.Equals(IPAddress.IPv6Any) && !Socket.OSSupportsIPv6)
            address = IPAddress.Any;
        listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any))
                listener.DualMode = true;
            listener.Bind(new IPEndPoint(address, port));
            listener.Listen();
            Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw new IOException($"The data plane cannot listen on {new IPEndPoint(address, port)}: {e.Message}. Set Worker:DataPort to a free port.", e);
        }
    }

    /// <summary>The port it listens on. Known after the end too: a node that stops may be describing itself just then.</summary>
    public int Port { get; }

    /// <summary>Accepts links from now on.</summary>
    public void Start() => accepting = AcceptAsync();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        KeyValuePair<PeerConnection, Task>[] left;
        lock (gate)
        {
            disposed = true;
            left = [.. links];
        }

        listener.Dispose();
        foreach (var (link, _) in left)
            link.Break("the node stops");
        await accepting;
        await Task.WhenAll(left.Select(link => link.Value));
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync();
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset)
            {
                continue;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            Serve(socket);
        }
    }

    /// <summary>Serves a link that came through a relay, to its end.</summary>
    public Task ServeAsync(RelayLink relayed) => Serve(relayed, (link, cancel) => HandshakeAsync(link, relayed, cancel));

    private void Serve(Socket socket) =>
        Serve(socket, (link, cancel) => Task.Factory.StartNew(() => Handshake(link, socket, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default));

    private Task Serve(IDisposable below, Func<PeerConnection, CancellationToken, Task<LinkStream>> handshake)
    {
        var link = new PeerConnection(null, receiver, time);
        lock (gate)
        {
            if (disposed || links.Count >= MaxLinks)
            {
                below.Dispose();
                link.Dispose();
                return Task.CompletedTask;
            }

            var running = Task.Run(() => RunAsync(link, below, handshake));
            links.Add(link, running);
            return running;
        }
    }

    private async Task RunAsync(PeerConnection link, IDisposable below, Func<PeerConnection, CancellationToken, Task<LinkStream>> handshake)
    {
        await link.RunAsync(cancel => handshake(link, cancel), pings: false);
        below.Dispose();
        lock (gate)
            links.Remove(link);
        link.Dispose();
    }

    private async Task<LinkStream> HandshakeAsync(PeerConnection link, RelayLink relayed, CancellationToken cancel)
    {
        var tls = new SslStream(relayed.Stream, leaveInnerStreamOpen: false);
        try
        {
            using var limit = new CancellationTokenSource(HandshakeLimit, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
            await tls.AuthenticateAsServerAsync(tlsOptions, both.Token);
            link.Peer = NodeCertificate.DigestOf(tls.RemoteCertificate ?? throw new AuthenticationException("the peer has no certificate"));
            return new LinkStream(tls, relayed.Socket, keepBlocking: false, LinkPath.Relay);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    // Synchronous to the last call: one asynchronous operation would put the socket into non-blocking mode for good.
    private LinkStream Handshake(PeerConnection link, Socket socket, CancellationToken cancel)
    {
        socket.NoDelay = true;
        socket.SendTimeout = (int)LinkStream.WriteLimit.TotalMilliseconds;
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
        var stream = new LinkStream(tls, socket, keepBlocking: true);
        try
        {
            using var limit = new CancellationTokenSource(HandshakeLimit, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
            using var abort = both.Token.Register(stream.Abort);
            tls.AuthenticateAsServer(tlsOptions);
            link.Peer = NodeCertificate.DigestOf(tls.RemoteCertificate ?? throw new AuthenticationException("the peer has no certificate"));
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }
}
