using Microsoft.Extensions.Logging;
using Orchestrator.Durable.History;

namespace Orchestrator.Durable.Replay;

/// <summary>What workflow code needs from its surroundings; none of it touches the world.</summary>
sealed record ExecutionEnvironment(IServiceProvider Services, DurableEngineOptions Options, ILoggerFactory Loggers);

/// <summary>What a turn left behind.</summary>
/// <param name="Actions">In sequence; an <see cref="EndAction"/>, if any, comes last.</param>
/// <param name="NewStatus">Custom status set in this turn as JSON, or null when it was not touched.</param>
sealed record TurnOutcome(IReadOnlyList<WorkflowAction> Actions, string? NewStatus)
{
    public EndAction? End => Actions is [.., EndAction end] ? end : null;
}

/// <summary>
/// The code of one execution, held in memory between turns. Live turns and replayed turns take the same path: messages go in one by one,
/// the code runs on until it waits again, the actions it asked for come out.
/// </summary>
sealed partial class WorkflowExecution
{
    readonly WorkflowRegistration _registration;
    readonly ExecutionEnvironment _environment;
    readonly WorkflowSynchronizationContext _sync;
    readonly Dictionary<int, PendingTask> _pending = [];
    readonly Dictionary<string, TaskCompletionSource<string?>> _waiters = new(StringComparer.OrdinalIgnoreCase);
    readonly EventBuffer _events = new();
    List<WorkflowAction> _actions = [];
    Task<string>? _main;
    ContinueAsNew? _next;
    bool _preserveEvents;
    Exception? _stray;
    string? _newStatus;
    int _lastId;
    int _guids;
    int _historyEvents;

    /// <param name="steppedOut">Called from any thread, once, when the code awaits something foreign.</param>
    public WorkflowExecution(WorkflowRegistration registration, ExecutionEnvironment environment, Started started, Action steppedOut)
    {
        _registration = registration;
        _environment = environment;
        _sync = new(steppedOut);
        InstanceId = started.InstanceId;
        Execution = started.Execution;
        ParentInstanceId = started.ParentInstanceId;
    }

    public long Execution { get; }

    /// <summary>Whether events that nobody has waited for go on to the next execution; meaningful once the code has asked for one.</summary>
    public bool KeepsEvents => _preserveEvents;

    /// <summary>Whether this message can still change anything: its task is open, or it is an event.</summary>
    public bool IsAwaited(WorkflowMessage message) => message is not TaskMessage task || _pending.ContainsKey(task.Id);

    /// <summary>The workflow awaited something the context did not hand out; it must not run on.</summary>
    public bool HasSteppedOut => _sync.SteppedOut;

    /// <summary>Marks it so from outside: the notice may have come from a copy of this code that is no longer in memory.</summary>
    public void StepOut() => _sync.StepOut();

    /// <summary>Runs one turn.</summary>
    /// <exception cref="NonDeterminismException">A message answers something the code never asked for.</exception>
    public TurnOutcome Run(DateTimeOffset at, IReadOnlyList<WorkflowMessage> messages, bool replaying)
    {
        UtcNow = at;
        IsReplaying = replaying;
        _actions = [];
        _newStatus = null;
        try
        {
            _sync.Run(() =>
            {
                foreach (var message in messages)
                {
                    Deliver(message);
                    _sync.Pump();
                }
            });
        }
        catch (Exception error) when (error is not NonDeterminismException)
        {
            // Only async void code and cancellation callbacks can throw past their task.
            _stray = error;
        }
        _historyEvents += messages.Count + _actions.Count;
        if (EndOfTurn() is { } end)
        {
            _actions.Add(end);
        }
        return new(_actions, _newStatus);
    }

    void Deliver(WorkflowMessage message)
    {
        switch (message)
        {
            case Started started:
                foreach (var carried in started.Carried)
                {
                    _events.Add(carried);
                }
                _main = MainAsync(started.Input);
                break;
            case EventRaised raised when _main is { IsCompleted: false } && _waiters.Remove(raised.Name, out var waiter):
                waiter.SetResult(raised.Payload);
                break;
            case EventRaised raised:
                _events.Add(raised);
                break;
            case TaskMessage task when _main is { IsCompleted: false }:
                Settle(task);
                break;
        }
    }

    void Settle(TaskMessage message)
    {
        if (!_pending.Remove(message.Id, out var task))
        {
            if (message.Id > _lastId)
            {
                throw new NonDeterminismException(
                    $"History has an answer to action {message.Id}, but the code has asked for only {_lastId}. {ReplayCheck.Advice}");
            }
            return;
        }
        switch (message, task.Kind)
        {
            case (ActivityCompleted done, PendingKind.Activity):
                task.Source.SetResult(done.Result);
                break;
            case (ActivityFailed failed, PendingKind.Activity):
                task.Source.SetException(new ActivityFailedException(task.Name, failed.Failure));
                break;
            case (TimerFired, PendingKind.Timer):
                task.Source.SetResult(null);
                break;
            case (ChildCompleted done, PendingKind.Child):
                task.Source.SetResult(done.Result);
                break;
            case (ChildFailed failed, PendingKind.Child):
                task.Source.SetException(new ChildFailedException(task.Name, failed.Failure));
                break;
            default:
                throw new NonDeterminismException(
                    $"History answers action {message.Id} with {message.GetType().Name}, but the code asked for {task.Kind} '{task.Name}'. {ReplayCheck.Advice}");
        }
    }

    async Task<string> MainAsync(string? input) => await _registration.Run(_environment.Services, this, input, _environment.Options.Json);

    EndAction? EndOfTurn()
    {
        if (_sync.SteppedOut)
        {
            return Failed(SteppedOutError());
        }
        if (_stray is not null)
        {
            return Failed(_stray);
        }
        if (_main is { IsCompleted: true })
        {
            return (_main.Exception?.InnerException, _main.IsCanceled, _next) switch
            {
                ({ } error, _, _) => Failed(error),
                (_, true, _) => Failed(new TaskCanceledException("The workflow let a cancellation through.")),
                (_, _, { } next) => next with { Id = NextId(), Carried = _preserveEvents ? [.. _events.All] : [] },
                _ when _main.Result.Length > _environment.Options.MaxPayloadChars => Failed(PayloadError("output", _main.Result.Length)),
                _ => new Complete(NextId(), _main.Result),
            };
        }
        if (_main is not null && _pending.Count == 0 && _waiters.Count == 0)
        {
            return Failed(SteppedOutError());
        }
        if (!IsReplaying && _historyEvents > _environment.Options.MaxHistoryEvents)
        {
            return Failed(new InvalidOperationException(
                $"The history has {_historyEvents} events, more than the {_environment.Options.MaxHistoryEvents} allowed. Use ContinueAsNew in long-running workflows."));
        }
        return null;
    }

    Fail Failed(Exception error) => new(NextId(), FailureDetails.From(error));

    static NonDeterminismException SteppedOutError() => new(
        "The workflow awaits something its context did not hand out (Task.Run, Task.Delay, I/O, ConfigureAwait(false)). Do it in an activity.");

    int NextId() => ++_lastId;

    enum PendingKind
    {
        Activity,
        Timer,
        Child,
    }

    sealed record PendingTask(PendingKind Kind, string Name, TaskCompletionSource<string?> Source);
}
