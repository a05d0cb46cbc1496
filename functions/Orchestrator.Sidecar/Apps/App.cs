namespace Orchestrator.Sidecar.Apps;

/// <summary>An app as the sidecar sees it: who it is, how to call it, whether it is up and what it said it handles.</summary>
internal sealed class App : IDisposable
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _up = NewSignal();
    private TaskCompletionSource _changed = NewSignal();
    private Uri? _endpoint;

    public App(AppOptions options)
    {
        Options = options;
        _endpoint = options.AppHttpEndpoint;
        Client = new AppClient(this);
    }

    public AppOptions Options { get; }

    public string Id => Options.AppId;

    public AppClient Client { get; }

    public bool IsUp => _up.Task.IsCompletedSuccessfully;

    /// <summary>Where the app listens. Setting it starts the watch anew.</summary>
    public Uri? Endpoint
    {
        get
        {
            lock (_gate)
            {
                return _endpoint;
            }
        }
        set
        {
            lock (_gate)
            {
                if (_endpoint == value)
                {
                    return;
                }
                _endpoint = value;
            }
            Doubt();
        }
    }

    public Task WhenUpAsync(CancellationToken stop)
    {
        var up = _up.Task;
        return up.IsCompleted ? up : up.WaitAsync(stop);
    }

    public void SetUp()
    {
        lock (_gate)
        {
            _up.TrySetResult();
        }
    }

    public void SetDown()
    {
        lock (_gate)
        {
            if (_up.Task.IsCompleted)
            {
                _up = NewSignal();
            }
        }
    }

    /// <summary>Something suggests that the app went away or moved: look again at once.</summary>
    public void Doubt()
    {
        lock (_gate)
        {
            _changed.TrySetResult();
        }
    }

    /// <summary>Completes at the first doubt after this call.</summary>
    public Task NextDoubt()
    {
        lock (_gate)
        {
            if (_changed.Task.IsCompleted)
            {
                _changed = NewSignal();
            }
            return _changed.Task;
        }
    }

    public void Dispose() => Client.Dispose();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
