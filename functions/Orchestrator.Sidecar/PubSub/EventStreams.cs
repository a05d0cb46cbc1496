using Dapr.AppCallback.Autogen.Grpc.v1;
using Orchestrator.Sidecar.Apps;

namespace Orchestrator.Sidecar.PubSub;

/// <summary>The open streams of one app to one topic: they compete for its messages, which wait while there are none.</summary>
internal sealed class EventStreams(App app)
{
    private readonly Lock _gate = new();
    private readonly List<EventStream> _open = [];
    private TaskCompletionSource _any = NewSignal();
    private int _next;

    public void Add(EventStream stream)
    {
        lock (_gate)
        {
            _open.Add(stream);
            _any.TrySetResult();
        }
    }

    public void Remove(EventStream stream)
    {
        lock (_gate)
        {
            if (_open.Remove(stream) && _open.Count == 0)
            {
                _any = NewSignal();
            }
        }
        stream.End();
    }

    public Task WhenOpenAsync(CancellationToken stop)
    {
        lock (_gate)
        {
            return _any.Task.WaitAsync(stop);
        }
    }

    /// <summary>Sends an event to one of the streams, in turn.</summary>
    /// <exception cref="AppUnreachableException">There is none, or it ended before it answered.</exception>
    public async Task<Verdict> SendAsync(TopicEventRequest message, CancellationToken stop)
    {
        EventStream stream;
        lock (_gate)
        {
            if (_open.Count == 0)
            {
                throw new AppUnreachableException(app.Id, null);
            }
            stream = _open[_next++ % _open.Count];
            _next %= _open.Count;
        }
        try
        {
            return await stream.SendAsync(message, stop);
        }
        catch (AppUnreachableException)
        {
            Remove(stream);
            throw;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
