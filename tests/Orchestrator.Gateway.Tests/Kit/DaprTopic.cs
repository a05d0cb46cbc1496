using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using Grpc.Net.Client;
using Orchestrator.Contracts;
using Orchestrator.Sidecar;
using DaprStub = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace Orchestrator.Gateway.Tests.Kit;

/// <summary>The platform's end of a topic.</summary>
internal sealed class DaprTopic : IDisposable
{
    private readonly GrpcChannel channel;
    private readonly AsyncDuplexStreamingCall<SubscribeTopicEventsRequestAlpha1, SubscribeTopicEventsResponseAlpha1> call;
    private readonly string topic;

    public DaprTopic(SidecarApp app, string topic)
    {
        this.topic = topic;
        channel = GrpcChannel.ForAddress(app.GrpcEndpoint);
        call = new DaprStub(channel).SubscribeTopicEventsAlpha1(cancellationToken: TestContext.Current.CancellationToken);
    }

    /// <summary>The next message as text, acknowledged.</summary>
    public async Task<string> NextAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        await call.RequestStream.WriteAsync(new() { InitialRequest = new() { PubsubName = Topics.PubSub, Topic = topic } }, cancel);
        TopicEventRequest? message = null;
        while (message is null)
        {
            (await call.ResponseStream.MoveNext(cancel).WaitAsync(TimeSpan.FromSeconds(20), cancel)).ShouldBeTrue();
            message = call.ResponseStream.Current.EventMessage;
        }

        return message.Data.ToStringUtf8();
    }

    public void Dispose()
    {
        call.Dispose();
        channel.Dispose();
    }
}
