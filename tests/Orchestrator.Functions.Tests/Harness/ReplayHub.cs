using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Protobuf;
using Microsoft.DurableTask.Worker.Grpc;
using TaskFailureDetails = Microsoft.DurableTask.Protobuf.TaskFailureDetails;

namespace Orchestrator.Functions.Tests.Harness;

/// <summary>How a hub delivers.</summary>
/// <param name="OneEventPerTurn">Every event gets a turn of its own, and so a replay of its own.</param>
/// <param name="Copies">How often every activity runs and every completion is delivered.</param>
internal sealed record HubBehavior(bool OneEventPerTurn = false, int Copies = 1);

/// <summary>The application that a hub calls.</summary>
internal sealed record HubApp(
    Func<TaskOrchestrationContext, Task<System.Text.Json.JsonElement>> Orchestrator, Func<string, string?, Task<string>> Activity);

/// <summary>
/// A task hub in memory, with virtual time. Orchestrations are replayed from their whole history in every turn by <see cref="GrpcOrchestrationRunner"/>, the
/// very code that the Functions worker runs for an orchestration trigger; what a backend does with its answer is done here.
/// </summary>
internal sealed class ReplayHub(TimeProvider time, HubApp app, HubBehavior behavior) : IAsyncDisposable
{
    // As Durable Functions' extension does.
    private const int MaxStatusChars = 8 * 1024;

    private readonly Dictionary<string, ReplayInstance> instances = new(StringComparer.Ordinal);
    private readonly List<ITimer> timers = [];
    private readonly Lock gate = new();
    private readonly SemaphoreSlim turns = new(1);
    private volatile HubApp current = app;
    private bool stopped;

    public IReadOnlyList<ReplayInstance> All
    {
        get
        {
            lock (gate)
                return [.. instances.Values.OrderByDescending(i => i.CreatedAt)];
        }
    }

    /// <summary>Calls another build of the application from the next turn on.</summary>
    public async Task ReplaceAsync(HubApp next)
    {
        await turns.WaitAsync();
        current = next;
        turns.Release();
    }

    public ReplayInstance? Find(string id)
    {
        lock (gate)
            return instances.GetValueOrDefault(id);
    }

    /// <summary>Reads an instance between two of its changes: one that is seen to have ended has its output.</summary>
    public T Read<T>(ReplayInstance instance, Func<ReplayInstance, T> read)
    {
        lock (gate)
            return read(instance);
    }

    /// <summary>Starts an instance; false when its id is taken and may not be used again.</summary>
    public bool Start(string id, string name, string? input, ParentInstanceInfo? parent, bool replaceFinished)
    {
        ReplayInstance instance;
        lock (gate)
        {
            if (instances.TryGetValue(id, out var there) && !(replaceFinished && there.IsFinished))
                return false;
            instances[id] = instance = new ReplayInstance(id, name, input, parent, time.GetUtcNow());
        }

        Post(id, instance.Execution, Started(instance));
        return true;
    }

    public bool Purge(string id)
    {
        lock (gate)
            return instances.TryGetValue(id, out var there) && there.IsFinished && instances.Remove(id);
    }

    /// <summary>Puts an event into an inbox; events for another execution than the current one are dropped.</summary>
    public void Post(string id, string? execution, HistoryEvent message, int copies = 1)
    {
        lock (gate)
        {
            if (stopped || !instances.TryGetValue(id, out var instance) || instance.IsFinished || (execution is not null && instance.Execution != execution))
                return;
            for (int i = 0; i < copies; i++)
                instance.Inbox.Enqueue(message.Clone());
            if (instance.Scheduled)
                return;
            instance.Scheduled = true;
            _ = Task.Run(() => WorkAsync(instance));
        }
    }

    public async ValueTask DisposeAsync()
    {
        List<ITimer> armed;
        lock (gate)
        {
            stopped = true;
            armed = [.. timers];
        }

        foreach (var timer in armed)
            await timer.DisposeAsync();
        turns.Dispose();
    }

    private async Task WorkAsync(ReplayInstance instance)
    {
        while (true)
        {
            List<HistoryEvent> arrived = [];
            lock (gate)
            {
                while (instance.Inbox.TryDequeue(out var message) && !stopped)
                {
                    if (TaskOf(message) is { } task && !instance.Answered.Add(task))
                        continue;
                    arrived.Add(message);
                    if (behavior.OneEventPerTurn)
                        break;
                }

                if (arrived.Count == 0 || instance.IsFinished || stopped)
                {
                    instance.Scheduled = false;
                    return;
                }
            }

            await turns.WaitAsync();
            try
            {
                Turn(instance, arrived);
            }
            finally
            {
                turns.Release();
            }
        }
    }

    private void Turn(ReplayInstance instance, List<HistoryEvent> arrived)
    {
        var now = time.GetUtcNow();
        if (arrived.Find(e => e.ExecutionTerminated is not null) is { } terminated)
        {
            Finish(instance, OrchestrationStatus.Terminated, terminated.ExecutionTerminated.Input, null);
            return;
        }

        var request = new OrchestratorRequest { InstanceId = instance.Id, ExecutionId = instance.Execution };
        request.PastEvents.AddRange(instance.History);
        arrived.Insert(0, Event(-1, new HistoryEvent { OrchestratorStarted = new OrchestratorStartedEvent() }, now));
        request.NewEvents.AddRange(arrived);
        var response = OrchestratorResponse.Parser.ParseFrom(Convert.FromBase64String(
            GrpcOrchestrationRunner.LoadAndRun<System.Text.Json.JsonElement, System.Text.Json.JsonElement>(
                Convert.ToBase64String(request.ToByteArray()), (context, _) => current.Orchestrator(context)!)));
        lock (gate)
        {
            instance.Status = OrchestrationStatus.Running;
            instance.UpdatedAt = now;
            instance.CustomStatus = response.CustomStatus ?? instance.CustomStatus;
            instance.History.AddRange(arrived);
        }

        instance.Begun.TrySetResult();
        if (response.CustomStatus is { Length: > MaxStatusChars })
        {
            Finish(instance, OrchestrationStatus.Failed, null, new TaskFailureDetails { ErrorType = typeof(ArgumentException).FullName, ErrorMessage = "CustomStatus is too large." });
            return;
        }

        foreach (var action in response.Actions)
            Act(instance, action, now);
    }

    private void Act(ReplayInstance instance, OrchestratorAction action, DateTimeOffset now)
    {
        string execution = instance.Execution;
        switch (action.OrchestratorActionTypeCase)
        {
            case OrchestratorAction.OrchestratorActionTypeOneofCase.ScheduleTask:
                Record(instance, action.Id, new HistoryEvent { TaskScheduled = new TaskScheduledEvent { Name = action.ScheduleTask.Name, Input = action.ScheduleTask.Input } }, now);
                for (int i = 0; i < behavior.Copies; i++)
                    _ = Task.Run(() => ActivityAsync(instance.Id, execution, action.Id, action.ScheduleTask));
                break;
            case OrchestratorAction.OrchestratorActionTypeOneofCase.CreateTimer:
                Record(instance, action.Id, new HistoryEvent { TimerCreated = new TimerCreatedEvent { FireAt = action.CreateTimer.FireAt } }, now);
                Arm(instance.Id, execution, action.Id, action.CreateTimer.FireAt);
                break;
            case OrchestratorAction.OrchestratorActionTypeOneofCase.CreateSubOrchestration:
                Child(instance, action, now);
                break;
            case OrchestratorAction.OrchestratorActionTypeOneofCase.SendEvent:
                var send = action.SendEvent;
                Record(instance, action.Id, new HistoryEvent { EventSent = new EventSentEvent { InstanceId = send.Instance.InstanceId, Name = send.Name, Input = send.Data } }, now);
                Post(send.Instance.InstanceId, null, Event(-1, new HistoryEvent { EventRaised = new EventRaisedEvent { Name = send.Name, Input = send.Data } }, now));
                break;
            case OrchestratorAction.OrchestratorActionTypeOneofCase.CompleteOrchestration when action.CompleteOrchestration.OrchestrationStatus == OrchestrationStatus.ContinuedAsNew:
                Restart(instance, action.CompleteOrchestration);
                break;
            case OrchestratorAction.OrchestratorActionTypeOneofCase.CompleteOrchestration:
                var end = action.CompleteOrchestration;
                Finish(instance, end.OrchestrationStatus, end.Result, end.FailureDetails);
                break;
            default:
                throw new InvalidOperationException($"The hub does not know {action.OrchestratorActionTypeCase}.");
        }
    }

    private void Child(ReplayInstance instance, OrchestratorAction action, DateTimeOffset now)
    {
        var child = action.CreateSubOrchestration;
        Record(instance, action.Id, new HistoryEvent
        {
            SubOrchestrationInstanceCreated = new SubOrchestrationInstanceCreatedEvent { InstanceId = child.InstanceId, Name = child.Name, Input = child.Input },
        }, now);
        var parent = new ParentInstanceInfo
        {
            TaskScheduledId = action.Id,
            Name = instance.Name,
            OrchestrationInstance = new OrchestrationInstance { InstanceId = instance.Id, ExecutionId = instance.Execution },
        };
        // As backends do: a finished instance of that id is replaced, and the start of one that runs is dropped.
        Start(child.InstanceId, child.Name, child.Input, parent, replaceFinished: true);
    }

    private void Restart(ReplayInstance instance, CompleteOrchestrationAction end)
    {
        var carried = end.CarryoverEvents.ToList();
        lock (gate)
        {
            instance.Input = end.Result;
            instance.Execution = Guid.NewGuid().ToString("N");
            instance.History.Clear();
            instance.Answered.Clear();
            var rest = instance.Inbox.Where(e => e.EventRaised is not null || e.ExecutionTerminated is not null).ToList();
            instance.Inbox.Clear();
            foreach (var message in (IEnumerable<HistoryEvent>)[Started(instance), .. carried, .. rest])
                instance.Inbox.Enqueue(message);
        }
    }

    private void Finish(ReplayInstance instance, OrchestrationStatus status, string? output, TaskFailureDetails? failure)
    {
        lock (gate)
        {
            instance.Status = status;
            instance.Output = output;
            instance.Failure = failure;
            instance.UpdatedAt = time.GetUtcNow();
        }

        if (instance.Parent is { } parent)
        {
            var answer = status == OrchestrationStatus.Completed
                ? new HistoryEvent { SubOrchestrationInstanceCompleted = new SubOrchestrationInstanceCompletedEvent { TaskScheduledId = parent.TaskScheduledId, Result = output } }
                : new HistoryEvent { SubOrchestrationInstanceFailed = new SubOrchestrationInstanceFailedEvent { TaskScheduledId = parent.TaskScheduledId, FailureDetails = failure } };
            Post(parent.OrchestrationInstance.InstanceId, parent.OrchestrationInstance.ExecutionId, Event(-1, answer, time.GetUtcNow()), behavior.Copies);
        }

        instance.Finished.TrySetResult();
    }

    private async Task ActivityAsync(string id, string execution, int task, ScheduleTaskAction call)
    {
        HistoryEvent answer;
        try
        {
            // On the wire an input is the one element of an array, which the runtime takes off before the activity sees it.
            answer = new HistoryEvent { TaskCompleted = new TaskCompletedEvent { TaskScheduledId = task, Result = await current.Activity(call.Name, call.Input[1..^1]) } };
        }
        catch (Exception e)
        {
            answer = new HistoryEvent
            {
                TaskFailed = new TaskFailedEvent { TaskScheduledId = task, FailureDetails = new TaskFailureDetails { ErrorType = e.GetType().FullName, ErrorMessage = e.Message } },
            };
        }

        Post(id, execution, Event(-1, answer, time.GetUtcNow()), behavior.Copies);
    }

    private void Arm(string id, string execution, int timer, Timestamp fireAt)
    {
        var fired = Event(-1, new HistoryEvent { TimerFired = new TimerFiredEvent { TimerId = timer, FireAt = fireAt } }, fireAt.ToDateTimeOffset());
        var left = fireAt.ToDateTimeOffset() - time.GetUtcNow();
        if (left <= TimeSpan.Zero)
        {
            Post(id, execution, fired, behavior.Copies);
            return;
        }

        var armed = time.CreateTimer(_ => Post(id, execution, fired, behavior.Copies), null, left, Timeout.InfiniteTimeSpan);
        lock (gate)
            timers.Add(armed);
    }

    private static int? TaskOf(HistoryEvent message) => message.EventTypeCase switch
    {
        HistoryEvent.EventTypeOneofCase.TaskCompleted => message.TaskCompleted.TaskScheduledId,
        HistoryEvent.EventTypeOneofCase.TaskFailed => message.TaskFailed.TaskScheduledId,
        HistoryEvent.EventTypeOneofCase.TimerFired => message.TimerFired.TimerId,
        HistoryEvent.EventTypeOneofCase.SubOrchestrationInstanceCompleted => message.SubOrchestrationInstanceCompleted.TaskScheduledId,
        HistoryEvent.EventTypeOneofCase.SubOrchestrationInstanceFailed => message.SubOrchestrationInstanceFailed.TaskScheduledId,
        _ => null,
    };

    private void Record(ReplayInstance instance, int id, HistoryEvent done, DateTimeOffset now)
    {
        lock (gate)
            instance.History.Add(Event(id, done, now));
    }

    private HistoryEvent Started(ReplayInstance instance) => Event(-1, new HistoryEvent
    {
        ExecutionStarted = new ExecutionStartedEvent
        {
            Name = instance.Name,
            Input = instance.Input,
            ParentInstance = instance.Parent,
            OrchestrationInstance = new OrchestrationInstance { InstanceId = instance.Id, ExecutionId = instance.Execution },
        },
    }, time.GetUtcNow());

    public static HistoryEvent Event(int id, HistoryEvent content, DateTimeOffset at)
    {
        content.EventId = id;
        content.Timestamp = Timestamp.FromDateTimeOffset(at);
        return content;
    }
}
