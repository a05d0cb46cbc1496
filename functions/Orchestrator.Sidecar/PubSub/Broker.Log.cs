using Microsoft.Extensions.Logging;

namespace Orchestrator.Sidecar.PubSub;

internal static partial class BrokerLog
{
    [LoggerMessage(101, LogLevel.Warning, "App {AppId} subscribes to topic {Topic} of pubsub {PubSub}, which is not among the components it may use")]
    public static partial void UnknownPubSub(ILogger log, string appId, string topic, string pubSub);

    [LoggerMessage(102, LogLevel.Warning, "App {AppId} may not subscribe to topic {Topic} of pubsub {PubSub}: see subscriptionScopes")]
    public static partial void MayNotSubscribe(ILogger log, string appId, string topic, string pubSub);

    [LoggerMessage(103, LogLevel.Debug, "Nobody subscribes to topic {Topic}: message held for the first who does")]
    public static partial void Held(ILogger log, string topic);

    [LoggerMessage(104, LogLevel.Warning, "Message {Id} on {Topic} failed for {AppId} after {Attempts} attempts and goes to {DeadLetterTopic}")]
    public static partial void DeadLettered(ILogger log, long id, string topic, string appId, int attempts, string deadLetterTopic);

    [LoggerMessage(105, LogLevel.Warning, "Message {Id} on {Topic} failed for {AppId} after {Attempts} attempts and is lost: set a deadLetterTopic and an inbound retry")]
    public static partial void Lost(ILogger log, long id, string topic, string appId, int attempts);

    [LoggerMessage(106, LogLevel.Warning, "App {AppId} dropped message {Id} on {Topic}: {Reason}")]
    public static partial void Dropped(ILogger log, string appId, long id, string topic, string reason);

    [LoggerMessage(107, LogLevel.Debug, "App {AppId} failed message {Id} on {Topic}: {Reason}")]
    public static partial void Failed(ILogger log, string appId, long id, string topic, string reason);

    [LoggerMessage(108, LogLevel.Error, "Delivery of message {Id} on {Topic} to {AppId} broke")]
    public static partial void Broke(ILogger log, Exception e, long id, string topic, string appId);
}
