using System.Net.Security;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Hosting;
using Orchestrator.NodeProtocol;
using Orchestrator.Verification;

namespace Orchestrator.Gateway.Tests.Kit;

/// <summary>One connection that says whatever a test wants, well-behaved or not.</summary>
internal sealed class RawNode : IDisposable
{
    private const string Service = "orchestrator.gateway.v1.NodeGateway";

    private readonly GrpcChannel channel;
    private readonly CallInvoker calls;
    private readonly TimeProvider time;

    public RawNode(GatewayHost gateway, SigningKey key, TimeProvider time)
    {
        (Key, this.time, Address) = (key, time, new Uri($"https://127.0.0.1:{gateway.NodePort}"));
        SocketsHttpHandler Handler() => new()
        {
            Expect100ContinueTimeout = TimeSpan.FromMinutes(1),
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    Shown = Digest.Of(certificate!.GetRawCertData());
                    return Shown == gateway.CertificateDigest;
                },
            },
        };
        channel = GrpcChannel.ForAddress(Address, new GrpcChannelOptions { HttpHandler = Handler(), DisposeHttpClient = true, MaxReceiveMessageSize = null, MaxSendMessageSize = null });
        calls = channel.CreateCallInvoker();
        Http = new HttpClient(Handler()) { BaseAddress = Address };
    }

    public SigningKey Key { get; }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public Digest Shown { get; private set; }

    public string? Token { get; set; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task<byte[]> ChallengeAsync() =>
        (await Call(Unary<ChallengeRequest, ChallengeReply>("Challenge"), new ChallengeRequest())).Nonce.ToByteArray();

    /// <summary>A login as the protocol wants it, changed as a test wants it.</summary>
    public SignedMessage Sign(byte[] nonce, Func<GatewayLogin, GatewayLogin>? change = null, SigningKey? by = null)
    {
        var login = new GatewayLogin(GatewayLogin.CurrentSchema, Key.Node, "127.0.0.1", Shown, nonce, time.GetUtcNow());
        return MessageSigning.Seal(MessageTypes.GatewayLogin, change?.Invoke(login) ?? login, ContractsJson.Default.GatewayLogin, by ?? Key);
    }

    public async Task<LoginReply> LoginAsync(SignedMessage login) =>
        await Call(Unary<LoginRequest, LoginReply>("Login"), new LoginRequest { Login = Envelopes.Of(login) });

    public async Task<RawNode> LogInAsync()
    {
        Token = (await LoginAsync(Sign(await ChallengeAsync()))).Token;
        return this;
    }

    public async Task PublishAsync(string topic, SignedMessage message) =>
        await Call(Unary<PublishRequest, PublishReply>("Publish"), new PublishRequest { Topic = topic, Message = Envelopes.Of(message) });

    public RawWork Work()
    {
        var method = new Method<WorkRequest, WorkReply>(MethodType.DuplexStreaming, Service, "Work", Marshal<WorkRequest>(), Marshal<WorkReply>());
        return new RawWork(calls.AsyncDuplexStreamingCall(method, null, new CallOptions(Headers(), cancellationToken: Cancel)));
    }

    /// <summary>Logs in and opens the stream.</summary>
    public async Task<RawWork> JoinAsync(int capacity = 8)
    {
        await LogInAsync();
        var work = Work();
        await work.HelloAsync(capacity);
        return work;
    }

    public static async Task<Status> RefusalAsync(Func<Task> call) => (await Should.ThrowAsync<RpcException>(call)).Status;

    public void Dispose()
    {
        Http.Dispose();
        channel.Dispose();
    }

    private Metadata Headers() => Token is null ? [] : new Metadata { { "authorization", $"Bearer {Token}" } };

    private async Task<TReply> Call<TRequest, TReply>(Method<TRequest, TReply> method, TRequest request)
        where TRequest : class
        where TReply : class =>
        await calls.AsyncUnaryCall(method, null, new CallOptions(Headers(), cancellationToken: Cancel), request);

    private static Method<TRequest, TReply> Unary<TRequest, TReply>(string name)
        where TRequest : class, IMessage<TRequest>, new()
        where TReply : class, IMessage<TReply>, new() =>
        new(MethodType.Unary, Service, name, Marshal<TRequest>(), Marshal<TReply>());

    private static Marshaller<T> Marshal<T>()
        where T : class, IMessage<T>, new() =>
        Marshallers.Create(message => message.ToByteArray(), bytes => new MessageParser<T>(() => new T()).ParseFrom(bytes));
}

/// <summary>A stream of work in the hands of a test.</summary>
internal sealed class RawWork(AsyncDuplexStreamingCall<WorkRequest, WorkReply> call) : IDisposable
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Task WriteAsync(WorkRequest request) => call.RequestStream.WriteAsync(request, Cancel);

    public async Task HelloAsync(int capacity)
    {
        await WriteAsync(new WorkRequest { Hello = new Hello { Capacity = capacity } });
        (await NextAsync()).Welcome.ShouldNotBeNull();
    }

    public async Task<WorkReply> NextAsync()
    {
        (await call.ResponseStream.MoveNext(Cancel).WaitAsync(TimeSpan.FromSeconds(20), Cancel)).ShouldBeTrue("the gateway ended the stream");
        return call.ResponseStream.Current;
    }

    public async Task<Delivery> DeliveryAsync()
    {
        while (true)
        {
            if ((await NextAsync()).Delivery is { } delivery)
                return delivery;
        }
    }

    public Task SettleAsync(ulong lease, Settle.Types.Outcome outcome = Settle.Types.Outcome.Accepted) =>
        WriteAsync(new WorkRequest { Settle = new Settle { Lease = lease, Outcome = outcome } });

    public Task CompleteAsync() => call.RequestStream.CompleteAsync();

    public void Dispose() => call.Dispose();
}
