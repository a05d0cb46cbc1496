using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestrator.Sidecar.Apps;
using Orchestrator.Sidecar.Components;
using Orchestrator.Sidecar.PubSub;

namespace Orchestrator.Sidecar.Api;

/// <summary>
/// <c>SubscribeTopicEventsAlpha1</c>: the app names a topic in its first message, gets an empty answer when it may have it, then events, and answers each
/// by its id. The subscription ends with the stream; what was not answered goes to another stream of the app, or waits for the next.
/// </summary>
internal static class StreamingSubscription
{
    public static async Task RunAsync(
        App app,
        Broker broker,
        IAsyncStreamReader<SubscribeTopicEventsRequestAlpha1> requests,
        IServerStreamWriter<SubscribeTopicEventsResponseAlpha1> responses,
        ServerCallContext call)
    {
        var stopping = call.GetHttpContext().RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, stopping);
        try
        {
            if (!await requests.MoveNext(stop.Token) || requests.Current.InitialRequest is not { } initial)
            {
                throw ApiException.Malformed("initial request is required: send pubsub name and topic first");
            }
            var spec = Spec(initial);
            broker.CheckMaySubscribe(app, spec);
            using var stream = new EventStream(app, responses);
            await stream.WriteAsync(new SubscribeTopicEventsResponseAlpha1 { InitialResponse = new() }, stop.Token);
            var streams = broker.OpenStream(app, spec, stream);
            try
            {
                await ReadAsync(requests, stream, stop.Token);
            }
            finally
            {
                streams.Remove(stream);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            if (stopping.IsCancellationRequested)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "the sidecar stops: subscribe again"));
            }
        }
    }

    private static async Task ReadAsync(IAsyncStreamReader<SubscribeTopicEventsRequestAlpha1> requests, EventStream stream, CancellationToken stop)
    {
        while (await requests.MoveNext(stop))
        {
            if (requests.Current.EventProcessed is not { } processed)
            {
                throw ApiException.Malformed("a stream has one initial request: answer events after it");
            }
            stream.Answer(processed.Id, processed.Status?.Status switch
            {
                TopicEventResponse.Types.TopicEventResponseStatus.Success => Verdict.Success,
                TopicEventResponse.Types.TopicEventResponseStatus.Drop => Verdict.Drop,
                _ => Verdict.Retry,
            });
        }
    }

    private static SubscriptionSpec Spec(SubscribeTopicEventsRequestInitialAlpha1 initial) => new(
        initial.PubsubName,
        initial.Topic,
        [],
        "/",
        initial.DeadLetterTopic is { Length: > 0 } dead ? dead : null,
        initial.Metadata.TryGetValue("rawPayload", out var raw) && string.Equals(raw, "true", StringComparison.OrdinalIgnoreCase),
        Bulk: false,
        []);
}
