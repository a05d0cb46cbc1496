using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using Orchestrator.Sidecar.Apps;

namespace Orchestrator.Sidecar.PubSub;

/// <summary>One open stream of an app to a topic: events go out, an answer comes back for each. An event without answer when it ends was not delivered.</summary>
internal sealed class EventStream(App app, IAsyncStreamWriter<SubscribeTopicEventsResponseAlpha1> writer) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    // By event id, which its publisher may have chosen: two events with the same one are answered in their order.
    private readonly Dictionary<string, Queue<TaskCompletionSource<Verdict>>> _open = new(StringComparer.Ordinal);
    private bool _ended;

    /// <summary>Sends one event and waits for what the app makes of it.</summary>
    /// <exception cref="AppUnreachableException">The stream ended first.</exception>
    public async Task<Verdict> SendAsync(TopicEventRequest message, CancellationToken stop)
    {
        var answer = new TaskCompletionSource<Verdict>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_ended)
            {
                throw new AppUnreachableException(app.Id, null);
            }
            if (!_open.TryGetValue(message.Id, out var queue))
            {
                _open[message.Id] = queue = new();
            }
            queue.Enqueue(answer);
        }
        try
        {
            await WriteAsync(new SubscribeTopicEventsResponseAlpha1 { EventMessage = message }, stop);
            return await answer.Task.WaitAsync(stop);
        }
        catch (Exception e) when (e is InvalidOperationException or RpcException or IOException)
        {
            throw new AppUnreachableException(app.Id, e);
        }
        finally
        {
            Forget(message.Id, answer);
        }
    }

    public async Task WriteAsync(SubscribeTopicEventsResponseAlpha1 message, CancellationToken stop)
    {
        await _writing.WaitAsync(stop);
        try
        {
            await writer.WriteAsync(message, CancellationToken.None);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>The app's answer to an event; an id that is not open, as after a timeout, means nothing.</summary>
    public void Answer(string id, Verdict verdict)
    {
        lock (_gate)
        {
            if (_open.TryGetValue(id, out var queue) && queue.TryDequeue(out var answer))
            {
                answer.TrySetResult(verdict);
            }
        }
    }

    /// <summary>Ends the stream: whoever waits for an answer learns that there will be none.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            foreach (var answer in _open.Values.SelectMany(q => q))
            {
                answer.TrySetException(new AppUnreachableException(app.Id, null));
            }
            _open.Clear();
        }
    }

    public void Dispose() => End();

    private void Forget(string id, TaskCompletionSource<Verdict> answer)
    {
        lock (_gate)
        {
            // Observed, so that an end after a timeout is no unhandled failure.
            _ = answer.Task.Exception;
            if (!_open.TryGetValue(id, out var queue))
            {
                return;
            }
            var others = new Queue<TaskCompletionSource<Verdict>>(queue.Where(a => a != answer));
            if (others.Count == 0)
            {
                _open.Remove(id);
            }
            else
            {
                _open[id] = others;
            }
        }
    }
}
