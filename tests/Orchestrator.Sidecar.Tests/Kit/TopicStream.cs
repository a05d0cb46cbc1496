using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using Grpc.Net.Client;
using DaprStub = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;
using Status = Dapr.AppCallback.Autogen.Grpc.v1.TopicEventResponse.Types.TopicEventResponseStatus;

namespace Orchestrator.Sidecar.Tests.Kit;

/// <summary>A streaming subscription as an app opens it, with the stub of the Dapr.Protos package.</summary>
internal sealed class TopicStream : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<SubscribeTopicEventsRequestAlpha1, SubscribeTopicEventsResponseAlpha1> _call;

    private TopicStream(SidecarApp served, string? token)
    {
        _channel = GrpcChannel.ForAddress(served.GrpcEndpoint);
        var headers = token is null ? null : new Metadata { { "dapr-api-token", token } };
        _call = new DaprStub(_channel).SubscribeTopicEventsAlpha1(headers, cancellationToken: TestContext.Current.CancellationToken);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Opens a stream and waits until the sidecar accepted it.</summary>
    public static async Task<TopicStream> OpenAsync(SidecarApp served, string topic, string? deadLetters = null, string pubSub = "pubsub", string? token = null)
    {
        var stream = new TopicStream(served, token);
        var initial = new SubscribeTopicEventsRequestInitialAlpha1 { PubsubName = pubSub, Topic = topic };
        if (deadLetters is not null)
        {
            initial.DeadLetterTopic = deadLetters;
        }
        await stream._call.RequestStream.WriteAsync(new SubscribeTopicEventsRequestAlpha1 { InitialRequest = initial }, Cancel);
        (await stream._call.ResponseStream.MoveNext(Cancel)).ShouldBeTrue();
        stream._call.ResponseStream.Current.InitialResponse.ShouldNotBeNull();
        return stream;
    }

    /// <summary>The stream before any message of ours.</summary>
    public static AsyncDuplexStreamingCall<SubscribeTopicEventsRequestAlpha1, SubscribeTopicEventsResponseAlpha1> Raw(SidecarApp served) => new TopicStream(served, null)._call;

    public async Task<TopicEventRequest> NextAsync()
    {
        (await _call.ResponseStream.MoveNext(Cancel).WaitAsync(Patience.Long, Cancel)).ShouldBeTrue();
        return _call.ResponseStream.Current.EventMessage;
    }

    public Task AnswerAsync(TopicEventRequest message, Status status = Status.Success) => AnswerAsync(message.Id, status);

    public Task AnswerAsync(string id, Status status = Status.Success) => _call.RequestStream.WriteAsync(
        new SubscribeTopicEventsRequestAlpha1
        {
            EventProcessed = new SubscribeTopicEventsRequestProcessedAlpha1 { Id = id, Status = new TopicEventResponse { Status = status } },
        },
        Cancel);

    /// <summary>Ends the stream in order and waits until the sidecar has ended it too.</summary>
    public async Task CloseAsync()
    {
        await _call.RequestStream.CompleteAsync();
        while (await _call.ResponseStream.MoveNext(Cancel))
        {
        }
        Dispose();
    }

    public void Dispose()
    {
        _call.Dispose();
        _channel.Dispose();
    }
}
