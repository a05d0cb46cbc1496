using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Contracts;
using Orchestrator.Relay.Wire;

namespace Orchestrator.Relay.Server;

/// <summary>
/// A relay on a TCP port: TLS outside, a signed hello, and then bytes it cannot read. Whoever terminates TLS in front of it breaks the hello, which names
/// the certificate its signer saw.
/// </summary>
public sealed class RelayServer : IAsyncDisposable
{
    private readonly RelayOptions options;
    private readonly TimeProvider time;
    private readonly RelaySwitch rules;
    private readonly Func<SslStreamCertificateContext> certificate;
    private readonly Socket listener;
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private readonly HashSet<Task> serving = [];
    private readonly Dictionary<IPAddress, int> greeting = [];
    private int greetings;
    private int disposed;
    private volatile bool started;
    private Task accepting = Task.CompletedTask;

    /// <summary>Listens; nothing is accepted before <see cref="Start"/>.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="certificate">With its key; stays the caller's.</param>
    /// <param name="admission">Who may use it.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="InvalidDataException">The options are not valid; the message lists everything that is wrong.</exception>
    /// <exception cref="IOException">The port is taken or the address is not this machine's.</exception>
    public RelayServer(RelayOptions options, X509Certificate2 certificate, IRelayAdmission admission, TimeProvider time)
        : this(options, Always(certificate), admission, time)
    {
    }

    /// <summary>Listens with a certificate that may be renewed; nothing is accepted before <see cref="Start"/>.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="certificate">The certificate for new connections, asked for each; those that are open keep theirs.</param>
    /// <param name="admission">Who may use it.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="InvalidDataException">The options are not valid; the message lists everything that is wrong.</exception>
    /// <exception cref="IOException">The port is taken or the address is not this machine's.</exception>
    public RelayServer(RelayOptions options, Func<SslStreamCertificateContext> certificate, IRelayAdmission admission, TimeProvider time)
    {
        if (options.Validate() is { Count: > 0 } errors)
            throw new InvalidDataException(string.Join(Environment.NewLine, errors));
        (this.options, this.certificate, this.time) = (options, certificate, time);
        rules = new RelaySwitch(options, admission, time);
        listener = Listen(options);
    }

    /// <summary>The port it listens on.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndPoint!).Port;

    /// <summary>SHA-256 of the certificate that new connections are shown.</summary>
    public Digest Certificate => RelayCertificate.DigestOf(certificate().TargetCertificate);

    /// <summary>Whether it accepts connections.</summary>
    public bool Accepts => started && !accepting.IsCompleted;

    /// <summary>Nodes registered now.</summary>
    public int Nodes => rules.Nodes;

    /// <summary>Calls that wait for their answer.</summary>
    public int Pending => rules.Pending;

    /// <summary>Streams carried now.</summary>
    public int Splices => rules.Splices;

    /// <summary>Accepts connections from now on.</summary>
    public void Start()
    {
        accepting = new AcceptLoop(listener.AcceptAsync, Take, time).RunAsync(stop.Token);
        started = true;
    }

    /// <summary>Ends every connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
            return;
        await stop.CancelAsync();
        listener.Dispose();
        await accepting;
        Task[] left;
        lock (gate)
            left = [.. serving];
        await Task.WhenAll(left);
        stop.Dispose();
    }

    private static Func<SslStreamCertificateContext> Always(X509Certificate2 certificate)
    {
        var context = SslStreamCertificateContext.Create(certificate, null, offline: true);
        return () => context;
    }

    private static Socket Listen(RelayOptions options)
    {
        var address = options.Address.Equals(IPAddress.IPv6Any) && !Socket.OSSupportsIPv6 ? IPAddress.Any : options.Address;
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any))
                listener.DualMode = true;
            listener.Bind(new IPEndPoint(address, options.Port));
            listener.Listen();
            return listener;
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw new IOException($"The relay cannot listen on {new IPEndPoint(address, options.Port)}: {e.Message}. Set Relay:Port to a free port.", e);
        }
    }

    private void Take(Socket socket)
    {
        if (!TryGreet(socket, out var address))
        {
            socket.Dispose();
            return;
        }

        lock (gate)
        {
            var served = Task.Run(() => ServeAsync(socket, address));
            serving.Add(served);
            served.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private void Forget(Task served)
    {
        lock (gate)
            serving.Remove(served);
    }

    private async Task ServeAsync(Socket socket, IPAddress address)
    {
        bool greeted = false;
        try
        {
            socket.NoDelay = true;
            await using var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
            var (hello, signer) = await GreetAsync(stream);
            Greeted(address);
            greeted = true;
            await rules.ServeAsync(new RelayConnection(stream, stream.ShutdownAsync), hello, signer, stop.Token);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or AuthenticationException or OperationCanceledException or ObjectDisposedException or SocketException or InvalidOperationException)
        {
            // A stranger's failure is nobody's news: the counter of refusals knows.
        }
        finally
        {
            if (!greeted)
                Greeted(address);
            socket.Dispose();
        }
    }

    private async Task<(RelayHello Hello, NodeId Signer)> GreetAsync(SslStream stream)
    {
        using var limit = new CancellationTokenSource(options.HandshakeLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop.Token);
        // One and the same for the handshake and for the hello, which names it: a renewal may come in between.
        var shown = certificate();
        await stream.AuthenticateAsServerAsync(Tls(shown), both.Token);
        byte[] challenge = RandomNumberGenerator.GetBytes(RelayChallenge.Size);
        await RelayFrames.WriteAsync(stream, new RelayChallenge(RelayChallenge.CurrentSchema, challenge), RelayJson.Default.RelayChallenge, both.Token);
        var message = await RelayFrames.ReadAsync(stream, RelayJson.Default.SignedMessage, both.Token);
        if (HelloCheck.Problem(message, challenge, RelayCertificate.DigestOf(shown.TargetCertificate), out var hello, out var signer) is not { } problem)
            return (hello, signer);
        RelayTelemetry.Refused(RelayCode.Refused);
        await RelayFrames.WriteAsync(stream, new RelayReply(RelayCode.Refused, problem), RelayJson.Default.RelayReply, both.Token);
        throw new InvalidDataException(problem);
    }

    private static SslServerAuthenticationOptions Tls(SslStreamCertificateContext certificate) => new()
    {
        ServerCertificateContext = certificate,
        EnabledSslProtocols = SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
    };

    private bool TryGreet(Socket socket, out IPAddress address)
    {
        address = (socket.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        lock (gate)
        {
            int mine = greeting.GetValueOrDefault(address);
            if (greetings >= options.MaxHandshakes || mine >= options.MaxHandshakesPerAddress)
                return false;
            greetings++;
            greeting[address] = mine + 1;
            return true;
        }
    }

    private void Greeted(IPAddress address)
    {
        lock (gate)
        {
            greetings--;
            if (--greeting[address] == 0)
                greeting.Remove(address);
        }
    }
}
