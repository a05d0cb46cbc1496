using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Orchestrator.Contracts;
using Orchestrator.NodeProtocol;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Gateway;

/// <summary>
/// Connections to one gateway, and the token that opens its calls. The login signs the certificate that the last handshake saw: whoever stands between and
/// shows another gets a login that the gateway refuses.
/// </summary>
internal sealed class GatewayDoor : IDisposable
{
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(10);

    private readonly Uri address;
    private readonly GatewayTarget target;
    private readonly SigningKey key;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim one = new(1);
    private readonly GrpcChannel channel;
    private volatile object? shown;
    private Token? token;

    public GatewayDoor(Uri address, GatewayTarget target, SigningKey key, TimeProvider time)
    {
        (this.address, this.target, this.key, this.time) = (address, target, key, time);
        // The channel takes its handler over: blobs have their own, whose connections do not count for logins.
        channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = Handler(Check),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = SignedMessage.MaxPayload + 1024,
            MaxSendMessageSize = SignedMessage.MaxPayload + 1024,
        });
        Calls = new NodeGateway.NodeGatewayClient(channel);
        Http = new HttpClient(Handler(target.Trusts)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The protocol.</summary>
    public NodeGateway.NodeGatewayClient Calls { get; }

    /// <summary>For blobs and answers: connections of their own, by the same trust.</summary>
    public HttpClient Http { get; }

    /// <summary>Address of a blob.</summary>
    public Uri Blob(Digest digest) => new(address, $"blobs/{digest}");

    /// <summary>Where the answer to a demand goes.</summary>
    public Uri Answer(DemandId demand) => new(address, $"demands/{demand}/answer");

    /// <summary>The relay in this gateway: under its host, with the certificate that it has shown.</summary>
    public RelayEndpoint Relay(int port) => new($"{address.Host}:{port}", target.Pins.Count > 0 && shown is Digest pinned ? pinned : null);

    /// <summary>The header of a call.</summary>
    public async Task<Metadata> HeadersAsync(CancellationToken cancel) => new() { { "authorization", $"Bearer {await TokenAsync(cancel)}" } };

    /// <summary>A token that is good for a while yet; logs in when there is none.</summary>
    public async Task<string> TokenAsync(CancellationToken cancel)
    {
        if (token is { } good && good.RenewAt > time.GetUtcNow())
            return good.Text;
        await one.WaitAsync(cancel);
        try
        {
            if (token is { } other && other.RenewAt > time.GetUtcNow())
                return other.Text;
            token = await LoginAsync(cancel);
            return token.Text;
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>The gateway did not take the token: the next call logs in anew.</summary>
    public void Distrust(string refused)
    {
        if (token?.Text == refused)
            token = null;
    }

    public void Dispose()
    {
        Http.Dispose();
        channel.Dispose();
        one.Dispose();
    }

    private async Task<Token> LoginAsync(CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(AttemptLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            var challenge = await Calls.ChallengeAsync(new ChallengeRequest(), cancellationToken: both.Token);
            var login = new GatewayLogin(
                GatewayLogin.CurrentSchema, key.Node, address.IdnHost, shown is Digest seen ? seen : default, challenge.Nonce.ToByteArray(), time.GetUtcNow());
            var sealedLogin = MessageSigning.Seal(MessageTypes.GatewayLogin, login, ContractsJson.Default.GatewayLogin, key);
            var reply = await Calls.LoginAsync(new LoginRequest { Login = Envelopes.Of(sealedLogin) }, cancellationToken: both.Token);
            return new Token(reply.Token, time.GetUtcNow() + TimeSpan.FromMilliseconds(Math.Clamp(reply.LifetimeMs, 0, 86_400_000)) * 0.7);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Cancelled && !cancel.IsCancellationRequested)
        {
            throw new GatewayException($"{address} did not answer within {AttemptLimit.TotalSeconds:0} s: is the address right, and is the way to it open?", e);
        }
    }

    private static SocketsHttpHandler Handler(Func<X509Certificate?, SslPolicyErrors, bool> trusts) => new()
    {
        UseProxy = false,
        ConnectTimeout = AttemptLimit,
        KeepAlivePingDelay = TimeSpan.FromSeconds(10),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
        SslOptions = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls13,
            RemoteCertificateValidationCallback = (_, certificate, _, problems) => trusts(certificate, problems),
        },
    };

    private bool Check(X509Certificate? certificate, SslPolicyErrors problems)
    {
        if (!target.Trusts(certificate, problems))
            return false;
        shown = Digest.Of(certificate!.GetRawCertData());
        return true;
    }

    private sealed record Token(string Text, DateTimeOffset RenewAt);
}
