using System.Text.Json;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using Orchestrator.Contracts;
using DaprStub = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;
using Status = Dapr.AppCallback.Autogen.Grpc.v1.TopicEventResponse.Types.TopicEventResponseStatus;

namespace Orchestrator.Gateway.Platform;

/// <summary>One streaming subscription: reads no more events than may be worked on, and answers each by its id.</summary>
internal sealed class TopicStream(
    DaprStub stub, string? token, string topic, int atOnce, Func<SignedMessage, CancellationToken, Task<Outcome>> deliver, ILogger<DaprPlatform> log) : IDisposable
{
    public static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim places = new(atOnce);
    private readonly SemaphoreSlim writing = new(1);

    /// <summary>Runs until the sidecar ends the stream or the token is cancelled.</summary>
    public async Task RunAsync(Action opened, CancellationToken cancel)
    {
        var headers = token is { Length: > 0 } ? new Metadata { { "dapr-api-token", token } } : null;
        using var call = stub.SubscribeTopicEventsAlpha1(headers, cancellationToken: cancel);
        var initial = new SubscribeTopicEventsRequestInitialAlpha1 { PubsubName = Topics.PubSub, Topic = topic, DeadLetterTopic = Topics.DeadLetter(topic) };
        await call.RequestStream.WriteAsync(new SubscribeTopicEventsRequestAlpha1 { InitialRequest = initial }, cancel);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            while (await call.ResponseStream.MoveNext(cancel))
            {
                if (call.ResponseStream.Current.EventMessage is not { } message)
                {
                    opened();
                    continue;
                }

                await places.WaitAsync(cancel);
                _ = HandleAsync(call.RequestStream, message, ended.Token);
            }
        }
        finally
        {
            await ended.CancelAsync();
            // Every place back is every handler over.
            for (int i = 0; i < atOnce; i++)
                await places.WaitAsync(CancellationToken.None);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        places.Dispose();
        writing.Dispose();
    }

    private async Task HandleAsync(IClientStreamWriter<SubscribeTopicEventsRequestAlpha1> answers, TopicEventRequest message, CancellationToken ended)
    {
        try
        {
            var outcome = Read(message) is { } signed ? await deliver(signed, ended) : Outcome.Dropped;
            var status = outcome switch
            {
                Outcome.Accepted => Status.Success,
                Outcome.Dropped => Status.Drop,
                _ => Status.Retry,
            };
            await writing.WaitAsync(ended);
            try
            {
                await answers.WriteAsync(
                    new SubscribeTopicEventsRequestAlpha1
                    {
                        EventProcessed = new SubscribeTopicEventsRequestProcessedAlpha1 { Id = message.Id, Status = new TopicEventResponse { Status = status } },
                    },
                    ended);
            }
            finally
            {
                writing.Release();
            }
        }
        catch (Exception e)
        {
            // The stream ended: the broker delivers it again.
            log.NotAnswered(topic, e.Message);
        }
        finally
        {
            places.Release();
        }
    }

    private SignedMessage? Read(TopicEventRequest message)
    {
        try
        {
            return JsonSerializer.Deserialize(message.Data.Span, ContractsJson.Default.SignedMessage);
        }
        catch (JsonException e)
        {
            log.NotAMessage(topic, e.Message);
            return null;
        }
    }
}
