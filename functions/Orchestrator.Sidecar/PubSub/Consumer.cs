using System.Net.Http.Headers;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Orchestrator.Sidecar.Apps;
using Orchestrator.Sidecar.Components;
using Orchestrator.Sidecar.Faults;
using Orchestrator.Sidecar.Storage;

namespace Orchestrator.Sidecar.PubSub;

/// <summary>
/// Delivers the messages of one topic to one app-id, a few at a time.
/// <code>
/// queue ──► [faults: reorder, delay, duplicate] ──► POST route ──► SUCCESS ──► complete
///   ▲                                                  │  │ └─ DROP, 404 ──► dead letter topic or nothing ──► complete
///   └── lost ack, connection refused ◄─────────────────┘  └─ RETRY, other ──► wait, POST again … ──► dead letter topic or lost
/// </code>
/// As in Dapr, a message holds its place among the concurrent ones while it waits for a retry.
/// </summary>
internal sealed class Consumer : IAsyncDisposable
{
    /// <summary>Payloads kept beside their id in a queue; behind that many they are read again when their turn comes.</summary>
    private const int CachedPayloads = 256;
    private const int LargestAnswerBytes = 64 * 1024;

    private readonly Channel<Pending> _queue = Channel.CreateUnbounded<Pending>();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _workers = [];
    private readonly Broker _broker;
    private readonly GroupKey _group;
    private readonly InboundPolicy _policy;
    private readonly IStore _store;
    private readonly FaultPlan _faults;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly string _scope;
    private volatile Subscribed _subscribed;

    public Consumer(Broker broker, App app, GroupKey group, SubscriptionSpec spec, InboundPolicy policy, IStore store, FaultPlan faults, TimeProvider time, ILogger log, EventStreams? streams)
    {
        Streams = streams;
        (_broker, App, _group, _policy, _store, _faults, _time, _log) = (broker, app, group, policy, store, faults, time, log);
        _scope = $"{app.Id}/{group.Topic}";
        _subscribed = new Subscribed(spec, new Routes(spec));
    }

    public App App { get; }

    /// <summary>The app's streams when messages go there; null when they are posted to a route.</summary>
    public EventStreams? Streams { get; }

    public SubscriptionSpec Spec
    {
        get => _subscribed.Spec;
        set => _subscribed = new Subscribed(value, new Routes(value));
    }

    public void Start(IReadOnlyList<long> open)
    {
        foreach (var id in open)
        {
            _queue.Writer.TryWrite(new Pending(id, null));
        }
        for (var i = 0; i < App.Options.Concurrency; i++)
        {
            _workers.Add(WorkAsync());
        }
    }

    public void Enqueue(StoredMessage message) =>
        _queue.Writer.TryWrite(new Pending(message.Id, _queue.Reader.Count < CachedPayloads ? message : null));

    public void Stop()
    {
        _queue.Writer.TryComplete();
        _stop.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        Stop();
        await Task.WhenAll(_workers);
        _stop.Dispose();
    }

    private async Task WorkAsync()
    {
        await Task.Yield();
        var stop = _stop.Token;
        try
        {
            while (await _queue.Reader.WaitToReadAsync(stop))
            {
                while (_queue.Reader.TryRead(out var pending))
                {
                    await WhenReadyAsync(stop);
                    await HandleAsync(pending, stop);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What is open stays in the store for the next start.
        }
    }

    private async Task HandleAsync(Pending pending, CancellationToken stop)
    {
        var message = pending.Message ?? _store.Read(pending.Id);
        if (message is null)
        {
            return;
        }
        if (message.Content.Expires <= _time.GetUtcNow())
        {
            Complete(pending);
            return;
        }
        try
        {
            if (await DisturbAsync(pending, stop))
            {
                return;
            }
            await DeliverAsync(pending, message, stop);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A fault of the sidecar itself must not stop the others; the message stays open until the next start.
            BrokerLog.Broke(_log, e, message.Id, _group.Topic, App.Id);
        }
    }

    private async Task DeliverAsync(Pending pending, StoredMessage message, CancellationToken stop)
    {
        var attempts = 0;
        while (true)
        {
            Verdict verdict;
            try
            {
                verdict = await AttemptAsync(message, stop);
            }
            catch (AppUnreachableException)
            {
                // The app has not seen it: no attempt was used up.
                await WhenReadyAsync(stop);
                continue;
            }
            attempts++;
            switch (verdict)
            {
                case Verdict.Success:
                    if (!pending.Copy && _faults.Strikes(FaultKind.LostAck, _scope))
                    {
                        _queue.Writer.TryWrite(pending);
                        return;
                    }
                    Complete(pending);
                    return;
                case Verdict.Drop:
                    GiveUp(pending, message, attempts, dropped: true);
                    return;
                default:
                    if (pending.Copy || _policy.Retry.DelayBefore(attempts) is not { } delay)
                    {
                        GiveUp(pending, message, attempts, dropped: false);
                        return;
                    }
                    await Task.Delay(delay, _time, stop);
                    await WhenReadyAsync(stop);
                    break;
            }
        }
    }

    /// <summary>Injected faults before a delivery. True when the message went to the back of the queue.</summary>
    private async Task<bool> DisturbAsync(Pending pending, CancellationToken stop)
    {
        if (pending.Copy)
        {
            return false;
        }
        if (_queue.Reader.Count > 0 && _faults.Strikes(FaultKind.Reorder, _scope))
        {
            _queue.Writer.TryWrite(pending);
            return true;
        }
        if (_faults.Strikes(FaultKind.Duplicate, _scope))
        {
            _queue.Writer.TryWrite(pending with { Copy = true });
        }
        if (_faults.Strikes(FaultKind.Delay, _scope))
        {
            await Task.Delay(_faults.Options.LongestDelay * _faults.Draw(FaultKind.DelayLength, _scope), _time, stop);
        }
        return false;
    }

    private async Task<Verdict> AttemptAsync(StoredMessage message, CancellationToken stop)
    {
        var subscribed = _subscribed;
        var content = message.Content;
        // A broker gives raw bytes no identity: every delivery gets a new event id.
        var payload = subscribed.Spec.Raw
            ? CloudEvent.Wrap(new CloudEventHead(Guid.NewGuid().ToString(), App.Id, CloudEventHead.DefaultType, _group.PubSub, _group.Topic, _time.GetUtcNow(), ""), content.Payload, "application/octet-stream")
            : content.Payload;
        if (content.Raw && !subscribed.Spec.Raw)
        {
            BrokerLog.Dropped(_log, App.Id, message.Id, _group.Topic, "published raw, but the subscription does not say rawPayload");
            return Verdict.Drop;
        }
        if (subscribed.Routes.For(payload) is not { } route)
        {
            BrokerLog.Dropped(_log, App.Id, message.Id, _group.Topic, "no route matches");
            return Verdict.Drop;
        }
        using var timeout = _policy.Timeout is { } longest ? new CancellationTokenSource(longest, _time) : new CancellationTokenSource();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            if (Streams is not null)
            {
                return await Streams.SendAsync(TopicEvents.Of(payload, _group.PubSub, _group.Topic), limit.Token);
            }
            using var reply = await App.Client.SendAsync(HttpMethod.Post, route, Body(subscribed.Spec, payload), headers => Describe(headers, subscribed.Spec, payload), limit.Token);
            var answer = await AppClient.ReadAsync(reply.Content, LargestAnswerBytes, limit.Token);
            var verdict = subscribed.Spec.Bulk ? BulkEnvelope.Verdict(reply.StatusCode, answer) : Verdicts.Of(reply.StatusCode, answer);
            if (verdict != Verdict.Success)
            {
                BrokerLog.Failed(_log, App.Id, message.Id, _group.Topic, $"{verdict}, status {(int)reply.StatusCode} from {route}");
            }
            return verdict;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            BrokerLog.Failed(_log, App.Id, message.Id, _group.Topic, e.Message);
            return Verdict.Retry;
        }
    }

    private Task WhenReadyAsync(CancellationToken stop) => Streams?.WhenOpenAsync(stop) ?? App.WhenUpAsync(stop);

    private ByteArrayContent Body(SubscriptionSpec spec, byte[] payload) => spec.Bulk
        ? AppClient.Json(BulkEnvelope.Wrap(_group.PubSub, _group.Topic, payload))
        : AppClient.Json(payload, CloudEvent.ContentType);

    private void Describe(HttpRequestHeaders headers, SubscriptionSpec spec, byte[] payload)
    {
        headers.TryAddWithoutValidation("pubsubname", _group.PubSub);
        // As in Dapr, what an app does with a message belongs to the trace of who published it, and to none if that one was not traced.
        if (!spec.Bulk && CloudEvent.TraceParent(payload) is { } trace)
        {
            headers.TryAddWithoutValidation("traceparent", trace);
        }
    }

    private void GiveUp(Pending pending, StoredMessage message, int attempts, bool dropped)
    {
        if (pending.Copy)
        {
            return;
        }
        if (Spec.DeadLetterTopic is { } topic)
        {
            BrokerLog.DeadLettered(_log, message.Id, _group.Topic, App.Id, attempts, topic);
            _broker.DeadLetter(message.Content, topic);
        }
        else if (!dropped)
        {
            BrokerLog.Lost(_log, message.Id, _group.Topic, App.Id, attempts);
        }
        Complete(pending);
    }

    private void Complete(Pending pending)
    {
        if (!pending.Copy)
        {
            _store.Complete(_group, pending.Id);
        }
    }

    /// <param name="Copy">An injected duplicate: whatever becomes of it, the original decides.</param>
    private sealed record Pending(long Id, StoredMessage? Message, bool Copy = false);

    private sealed record Subscribed(SubscriptionSpec Spec, Routes Routes);
}
