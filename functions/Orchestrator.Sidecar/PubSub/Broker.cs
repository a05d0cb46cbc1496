using System.Collections.Concurrent;
using System.Globalization;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Orchestrator.Sidecar.Apps;
using Orchestrator.Sidecar.Components;
using Orchestrator.Sidecar.Faults;
using Orchestrator.Sidecar.Storage;

namespace Orchestrator.Sidecar.PubSub;

/// <summary>
/// Takes publishes, stores them, and hands them to a <see cref="Consumer"/> per topic and app-id. A publish that was
/// answered is stored; a message is deleted when every consumer group has completed it.
/// </summary>
internal sealed class Broker(ComponentSet components, IStore store, FaultPlan faults, TimeProvider time, int largestBodyBytes, ILoggerFactory logs) : IAsyncDisposable
{
    /// <summary>Not allowed in an app-id.</summary>
    private const string StreamSuffix = "#streams";

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<GroupKey, Consumer> _consumers = new();
    private readonly Dictionary<string, TopicScopes> _scopes =
        components.Components.Where(c => c.Family == "pubsub").ToDictionary(c => c.Name, c => new TopicScopes(c), StringComparer.Ordinal);
    private readonly ILogger _log = logs.CreateLogger<Broker>();

    /// <exception cref="ApiException">Unknown component, no right, too large, malformed, or an injected failure.</exception>
    public void Publish(App publisher, PublishRequest request)
    {
        var message = Accept(publisher, request);
        if (faults.Strikes(FaultKind.PublishFailure, publisher.Id))
        {
            // A broker may fail after it stored: the publisher cannot tell.
            if (faults.Draw(FaultKind.PublishFailureStored, publisher.Id) < 0.5)
            {
                Append(message);
            }
            throw new ApiException(500, StatusCode.Internal, "ERR_PUBSUB_PUBLISH_MESSAGE",
                $"error when publishing to topic {request.Topic} in pubsub {request.PubSub} (injected fault): try again");
        }
        Append(message);
    }

    /// <summary>Opens what the app subscribes to and forgets groups it no longer has. Deliveries start when the app is up.</summary>
    public void Connect(App app, IReadOnlyList<SubscriptionSpec> programmatic)
    {
        var wanted = new Dictionary<GroupKey, SubscriptionSpec>();
        foreach (var spec in components.Subscriptions.Where(s => s.IsFor(app.Id)).Concat(programmatic))
        {
            if (components.Find("pubsub", spec.PubSub, app.Id) is null)
            {
                BrokerLog.UnknownPubSub(_log, app.Id, spec.Topic, spec.PubSub);
            }
            else if (!_scopes[spec.PubSub].MaySubscribe(app.Id, spec.Topic))
            {
                BrokerLog.MayNotSubscribe(_log, app.Id, spec.Topic, spec.PubSub);
            }
            else
            {
                wanted[new GroupKey(spec.PubSub, spec.Topic, app.Id)] = spec;
            }
        }
        foreach (var group in store.Groups().Where(g => g.AppId == app.Id && !wanted.ContainsKey(g)))
        {
            Drop(group);
        }
        foreach (var (group, spec) in wanted)
        {
            Open(app, group, spec);
        }
    }

    /// <exception cref="ApiException">The app may not stream this topic.</exception>
    public void CheckMaySubscribe(App app, SubscriptionSpec spec)
    {
        if (components.Find("pubsub", spec.PubSub, app.Id) is null)
        {
            throw new ApiException(404, StatusCode.InvalidArgument, "ERR_PUBSUB_NOT_FOUND",
                $"pubsub {spec.PubSub} is not found: add a component of that name, or app-id '{app.Id}' to its scopes");
        }
        if (spec.Topic.Length is 0 or > 512)
        {
            throw new ApiException(404, StatusCode.InvalidArgument, "ERR_TOPIC_NAME_EMPTY", "topic must have 1 to 512 characters");
        }
        if (!_scopes[spec.PubSub].MaySubscribe(app.Id, spec.Topic))
        {
            throw new ApiException(403, StatusCode.PermissionDenied, "ERR_PUBSUB_FORBIDDEN",
                $"topic {spec.Topic} is not allowed for app id {app.Id}: see subscriptionScopes and allowedTopics of {spec.PubSub}");
        }
        if (_consumers.ContainsKey(new GroupKey(spec.PubSub, spec.Topic, app.Id)))
        {
            throw new ApiException(409, StatusCode.AlreadyExists, "ERR_PUBSUB_SUBSCRIBED",
                $"app id {app.Id} subscribes to topic {spec.Topic} already by a file or its list of subscriptions: give up one of the two");
        }
    }

    /// <summary>Lets a stream compete for the messages of its topic. What the app's earlier streams left open is there, however long ago they ended.</summary>
    public EventStreams OpenStream(App app, SubscriptionSpec spec, EventStream stream)
    {
        // A name of its own: the list of subscriptions that an app answers when it comes up does not touch it.
        var group = new GroupKey(spec.PubSub, spec.Topic, app.Id + StreamSuffix);
        lock (_gate)
        {
            Open(app, group, spec, new EventStreams(app));
            var streams = _consumers[group].Streams!;
            streams.Add(stream);
            return streams;
        }
    }

    /// <summary>Stops delivering to an app that leaves. What it has not completed waits for its return.</summary>
    public async Task RemoveAsync(App app)
    {
        foreach (var (group, consumer) in _consumers)
        {
            if (ReferenceEquals(consumer.App, app) && _consumers.TryRemove(group, out _))
            {
                await consumer.DisposeAsync();
            }
        }
    }

    public IReadOnlyList<(SubscriptionSpec Spec, bool Streaming)> SubscriptionsOf(App app) =>
        [.. _consumers.Values.Where(c => ReferenceEquals(c.App, app)).Select(c => (c.Spec, c.Streams is not null))];

    /// <summary>Moves a message to a dead letter topic; the caller completes the original afterwards.</summary>
    internal void DeadLetter(NewMessage message, string topic) => Append(message with { Topic = topic, Expires = null });

    public async ValueTask DisposeAsync()
    {
        foreach (var consumer in _consumers.Values)
        {
            await consumer.DisposeAsync();
        }
        _consumers.Clear();
    }

    private NewMessage Accept(App publisher, PublishRequest request)
    {
        if (components.Find("pubsub", request.PubSub, publisher.Id) is null)
        {
            throw new ApiException(404, StatusCode.InvalidArgument, "ERR_PUBSUB_NOT_FOUND",
                $"pubsub {request.PubSub} is not found: add a component of that name, or app-id '{publisher.Id}' to its scopes");
        }
        if (request.Topic.Length is 0 or > 512)
        {
            throw new ApiException(404, StatusCode.InvalidArgument, "ERR_TOPIC_NAME_EMPTY", "topic must have 1 to 512 characters");
        }
        if (!_scopes[request.PubSub].MayPublish(publisher.Id, request.Topic))
        {
            throw new ApiException(403, StatusCode.PermissionDenied, "ERR_PUBSUB_FORBIDDEN",
                $"topic {request.Topic} is not allowed for app id {publisher.Id}: see publishingScopes and allowedTopics of {request.PubSub}");
        }
        if (request.Data.Length > largestBodyBytes)
        {
            throw ApiException.TooLarge(largestBodyBytes);
        }
        var now = time.GetUtcNow();
        var expires = Lifetime(request) is { } life ? now + life : (DateTimeOffset?)null;
        if (string.Equals(request.Get("rawPayload"), "true", StringComparison.OrdinalIgnoreCase))
        {
            return new NewMessage(request.PubSub, request.Topic, request.Data.ToArray(), true, expires);
        }
        var head = Head(publisher.Id, request, now);
        var payload = request.ContentType.StartsWith(CloudEvent.ContentType, StringComparison.OrdinalIgnoreCase)
            ? CloudEvent.Complete(head, request.Data) ?? throw ApiException.Malformed("content type is application/cloudevents+json but the body is not a JSON object")
            : CloudEvent.Wrap(head, request.Data.Span, request.ContentType);
        return new NewMessage(request.PubSub, request.Topic, payload, false, expires);
    }

    private static CloudEventHead Head(string appId, PublishRequest request, DateTimeOffset now) => new(
        request.Get("cloudevent.id") ?? Guid.NewGuid().ToString(),
        request.Get("cloudevent.source") ?? appId,
        request.Get("cloudevent.type") ?? CloudEventHead.DefaultType,
        request.PubSub,
        request.Topic,
        now,
        request.Get("cloudevent.traceparent") ?? request.TraceParent);

    private static TimeSpan? Lifetime(PublishRequest request) =>
        request.Get("ttlInSeconds") is not { Length: > 0 } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? TimeSpan.FromSeconds(seconds)
        : throw ApiException.Malformed($"ttlInSeconds '{text}' must be a whole number above 0");

    private void Append(NewMessage message)
    {
        lock (_gate)
        {
            var (stored, groups) = store.Append(message);
            foreach (var group in groups)
            {
                if (_consumers.TryGetValue(group, out var consumer))
                {
                    consumer.Enqueue(stored);
                }
            }
            if (groups.Count == 0)
            {
                BrokerLog.Held(_log, message.Topic);
            }
        }
    }

    private void Open(App app, GroupKey group, SubscriptionSpec spec, EventStreams? streams = null)
    {
        lock (_gate)
        {
            if (_consumers.TryGetValue(group, out var existing) && ReferenceEquals(existing.App, app))
            {
                existing.Spec = spec;
                return;
            }
            var consumer = new Consumer(this, app, group, spec, components.Inbound(spec.PubSub, app.Id), store, faults, time, logs.CreateLogger<Consumer>(), streams);
            _consumers[group] = consumer;
            consumer.Start(store.OpenGroup(group));
        }
    }

    private void Drop(GroupKey group)
    {
        if (_consumers.TryRemove(group, out var consumer))
        {
            consumer.Stop();
        }
        store.DropGroup(group);
    }
}
