using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orchestrator.Durable.History;

namespace Orchestrator.Durable.Replay;

sealed partial class WorkflowExecution : IWorkflowContext
{
    public string InstanceId { get; }

    public string Name => _registration.Name;

    public string Version => _registration.Version;

    public string? ParentInstanceId { get; }

    public DateTimeOffset UtcNow { get; private set; }

    public bool IsReplaying { get; private set; }

    public Guid NewGuid()
    {
        Guard();
        return DeterministicGuid.Create(InstanceId, Execution, ++_guids);
    }

    public Task<T> CallActivityAsync<T>(string name, object? input = null, RetryPolicy? retry = null)
    {
        Guard();
        ArgumentException.ThrowIfNullOrEmpty(name);
        var json = Serialize(input, $"input of activity '{name}'");
        var call = 0;
        return TryAsync<T>(retry, attempt =>
        {
            var id = NextId();
            call = attempt == 1 ? id : call;
            return Ask(PendingKind.Activity, name, new CallActivity(id, name, json, call, attempt));
        });
    }

    public Task<T> CallChildAsync<T>(string name, object? input = null, string? instanceId = null, RetryPolicy? retry = null)
    {
        Guard();
        ArgumentException.ThrowIfNullOrEmpty(name);
        var json = Serialize(input, $"input of child '{name}'");
        return TryAsync<T>(retry, attempt =>
        {
            var id = NextId();
            return Ask(PendingKind.Child, name, new StartChild(id, name, instanceId ?? $"{InstanceId}:{Execution}:{id}", json, attempt));
        });
    }

    public async Task CreateTimerAsync(DateTimeOffset dueAt, CancellationToken cancellationToken = default)
    {
        Guard();
        cancellationToken.ThrowIfCancellationRequested();
        var id = NextId();
        var fired = Ask(PendingKind.Timer, "timer", new CreateTimer(id, dueAt.ToUniversalTime()));
        using var registration = cancellationToken.Register(() =>
        {
            if (OnTurnOrStepOut() && _pending.Remove(id, out var timer))
            {
                Add(new CancelTimer(NextId(), id));
                timer.Source.SetCanceled(cancellationToken);
            }
        });
        await fired;
    }

    public async Task<T> WaitForEventAsync<T>(string name, CancellationToken cancellationToken = default)
    {
        Guard();
        ArgumentException.ThrowIfNullOrEmpty(name);
        cancellationToken.ThrowIfCancellationRequested();
        if (_waiters.ContainsKey(name))
        {
            throw new InvalidOperationException(
                $"Workflow '{InstanceId}' already waits for event '{name}'. Wait for it in one place and share the task, or use distinct names.");
        }
        Add(new AwaitEvent(NextId(), name));
        if (_events.TakeFirst(name) is { } buffered)
        {
            return Deserialize<T>(buffered.Payload);
        }
        var source = new TaskCompletionSource<string?>();
        _waiters.Add(name, source);
        using var registration = cancellationToken.Register(() =>
        {
            if (OnTurnOrStepOut() && _waiters.TryGetValue(name, out var waiter) && waiter == source)
            {
                _waiters.Remove(name);
                source.SetCanceled(cancellationToken);
            }
        });
        return Deserialize<T>(await source.Task);
    }

    public void SendEvent(string instanceId, string name, object? payload = null)
    {
        Guard();
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        ArgumentException.ThrowIfNullOrEmpty(name);
        Add(new SendEvent(NextId(), instanceId, name, Serialize(payload, $"payload of event '{name}'")));
    }

    public void SetCustomStatus(object? status)
    {
        Guard();
        _newStatus = Serialize(status, "custom status");
    }

    public void ContinueAsNew(object? input, bool preserveUnprocessedEvents = true)
    {
        Guard();
        _next = new ContinueAsNew(0, Serialize(input, "input of the next execution"), []);
        _preserveEvents = preserveUnprocessedEvents;
    }

    public ILogger CreateReplaySafeLogger(string category) => new ReplaySafeLogger(this, _environment.Loggers.CreateLogger(category));

    async Task<T> TryAsync<T>(RetryPolicy? retry, Func<int, Task<string?>> start)
    {
        var firstStart = UtcNow;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Deserialize<T>(await start(attempt));
            }
            catch (TaskFailedException failed) when (retry is not null && MayRetry(retry, attempt, firstStart, failed.Failure))
            {
                await CreateTimerAsync(UtcNow + retry.DelayAfter(attempt), CancellationToken.None);
            }
        }
    }

    bool MayRetry(RetryPolicy retry, int attempt, DateTimeOffset firstStart, FailureDetails failure) =>
        attempt < retry.MaxAttempts
        && (retry.ShouldRetry?.Invoke(failure) ?? true)
        && (retry.Timeout is not { } limit || UtcNow + retry.DelayAfter(attempt) <= firstStart + limit);

    Task<string?> Ask(PendingKind kind, string name, WorkflowAction action)
    {
        Add(action);
        var source = new TaskCompletionSource<string?>();
        _pending.Add(action.Id, new(kind, name, source));
        return source.Task;
    }

    void Add(WorkflowAction action)
    {
        if (_actions.Count >= _environment.Options.MaxHistoryEvents)
        {
            throw new InvalidOperationException(
                $"One turn asked for more than {_environment.Options.MaxHistoryEvents} actions; await some before asking for more.");
        }
        _actions.Add(action);
    }

    void Guard()
    {
        if (!OnTurnOrStepOut())
        {
            throw SteppedOutError();
        }
    }

    bool OnTurnOrStepOut()
    {
        if (_sync.IsOnTurn)
        {
            return true;
        }
        _sync.StepOut();
        return false;
    }

    string Serialize(object? value, string what)
    {
        var json = JsonSerializer.Serialize(value, value?.GetType() ?? typeof(object), _environment.Options.Json);
        return json.Length <= _environment.Options.MaxPayloadChars ? json : throw PayloadError(what, json.Length);
    }

    T Deserialize<T>(string? json) => json is null or "null" ? default! : JsonSerializer.Deserialize<T>(json, _environment.Options.Json)!;

    ArgumentException PayloadError(string what, int length) => new(
        $"The {what} has {length} characters of JSON, more than the {_environment.Options.MaxPayloadChars} allowed. Store it as a blob and pass its reference.");
}
