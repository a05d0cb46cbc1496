using System.Diagnostics;
using Google.Protobuf;
using Grpc.Core;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Diagnostics;
using Orchestrator.Gateway.Hosting;
using Orchestrator.Gateway.Platform;
using Orchestrator.NodeProtocol;

namespace Orchestrator.Gateway.Nodes;

/// <summary>The nodes' door. Everything that comes through it is hostile until checked.</summary>
internal sealed class NodeGatewayService(
    NodeTable nodes, LoginCheck logins, SessionTokens tokens, NodeLimits limits, IPlatform platform, GatewayOptions options, TimeProvider time, ILogger<NodeGatewayService> log)
    : NodeGateway.NodeGatewayBase
{
    public override Task<ChallengeReply> Challenge(ChallengeRequest request, ServerCallContext context) =>
        NodeConnection.Of(context.GetHttpContext()).NewChallenge() is { } nonce
            ? Task.FromResult(new ChallengeReply { Nonce = UnsafeByteOperations.UnsafeWrap(nonce) })
            : throw Refusal(StatusCode.ResourceExhausted, "challenges", "too many challenges on one connection: open another");

    public override Task<LoginReply> Login(LoginRequest request, ServerCallContext context)
    {
        var connection = NodeConnection.Of(context.GetHttpContext());
        if (logins.Refuse(Envelopes.Read(request.Login), connection.TakeChallenge(), connection.Certificate, out var node) is { } problem)
        {
            log.LoginRefused(problem);
            throw Refusal(StatusCode.Unauthenticated, "login", problem);
        }

        connection.Know();
        return Task.FromResult(new LoginReply { Token = tokens.Issue(node), LifetimeMs = (long)tokens.Lifetime.TotalMilliseconds });
    }

    public override async Task Work(IAsyncStreamReader<WorkRequest> requestStream, IServerStreamWriter<WorkReply> responseStream, ServerCallContext context)
    {
        var node = Authenticate(context);
        int capacity = await HelloAsync(requestStream, context.CancellationToken);
        var address = AddressPlaces.Of(context.GetHttpContext().Connection.RemoteIpAddress);
        using var session = new NodeSession(node, address, responseStream, capacity, options, platform, time);
        await nodes.EnterAsync(session, context.CancellationToken);
        log.Joined(node);
        try
        {
            await session.RunAsync(requestStream, context.CancellationToken);
        }
        finally
        {
            nodes.Leave(session);
            log.Left(node);
        }
    }

    public override async Task<PublishReply> Publish(PublishRequest request, ServerCallContext context)
    {
        var node = Authenticate(context);
        if (!nodes.Has(node))
            throw Refusal(StatusCode.FailedPrecondition, "no-stream", "open the stream of work first: only connected nodes publish");
        if (!limits.TryPublish(node, request.CalculateSize(), out var wait))
        {
            context.ResponseTrailers.Add("retry-after-ms", $"{Math.Ceiling(wait.TotalMilliseconds):0}");
            throw Refusal(StatusCode.ResourceExhausted, "flood", $"this node publishes too much: try again in {Math.Ceiling(wait.TotalMilliseconds):0} ms");
        }

        if (!PublishRules.IsOpen(request.Topic))
            throw Refusal(StatusCode.PermissionDenied, "topic", $"nodes publish on {Topics.Nodes}, {Topics.Results} and {Topics.Audits} only");
        var message = Envelopes.Read(request.Message);
        if (PublishRules.Refuse(request.Topic, message, node) is { } problem)
            throw Refusal(StatusCode.PermissionDenied, "message", problem);
        using var span = GatewaySpans.Publish(request.Topic);
        try
        {
            await platform.PublishAsync(request.Topic, message, context.CancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.NotPublished(request.Topic, e.Message);
            span?.SetStatus(ActivityStatusCode.Error, "the broker did not take it");
            throw Refusal(StatusCode.Unavailable, "broker", "the platform's broker did not take the message: try again");
        }

        GatewayTelemetry.Published(request.Topic);
        return new PublishReply();
    }

    private async Task<int> HelloAsync(IAsyncStreamReader<WorkRequest> requests, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(options.LoginPatience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            if (await requests.MoveNext(both.Token) && requests.Current.Hello is { Capacity: > 0 } hello)
                return hello.Capacity;
        }
        catch (Exception e) when (limit.IsCancellationRequested && e is OperationCanceledException or RpcException or IOException)
        {
            throw Refusal(StatusCode.DeadlineExceeded, "hello", "no hello came: send it first");
        }

        throw Refusal(StatusCode.InvalidArgument, "hello", "the first message must be hello with a capacity above 0");
    }

    private NodeId Authenticate(ServerCallContext context)
    {
        if (!tokens.TryReadHeader(context.RequestHeaders.GetValue("authorization"), out var node))
            throw Refusal(StatusCode.Unauthenticated, "token", "the session token is missing, forged or over: log in");
        NodeConnection.Of(context.GetHttpContext()).Know();
        return node;
    }

    private static RpcException Refusal(StatusCode code, string kind, string message)
    {
        GatewayTelemetry.Refused(kind);
        return new RpcException(new Status(code, message));
    }
}
