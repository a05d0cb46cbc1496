using System.Text.Json;
using Microsoft.DurableTask;
using Orchestrator.Durable;
using Orchestrator.Durable.History;

namespace Orchestrator.Functions.Durable;

/// <summary>What one execution has asked of Durable Functions and not been answered yet.</summary>
internal sealed class DurableCalls(TaskOrchestrationContext durable, DurableParts parts)
{
    /// <summary>Event by which an execution hears that its code has stepped out; see <see cref="DurableParts.Stray"/>.</summary>
    public const string StrayEvent = "orchestrator:stray";

    private const int KeepAttempts = 3;

    private readonly Dictionary<int, CancellationTokenSource> timers = [];
    private readonly HashSet<string> waits = new(StringComparer.OrdinalIgnoreCase);
    private List<WorkflowMessage> arrived = [];
    private TaskCompletionSource wake = new();
    private int statuses;

    /// <summary>Whether the code of this execution has awaited something foreign.</summary>
    public bool HasStrayed { get; private set; }

    /// <summary>Shows a status. A large one is seen once it is kept, unless a later one has come meanwhile.</summary>
    public void Show(JsonElement status, long execution)
    {
        statuses++;
        if (LargeStatuses.Fits(status))
            durable.SetCustomStatus(status);
        else
            _ = KeepAsync(status, statuses, execution);
    }

    /// <summary>Starts what an action asks for.</summary>
    public void Start(WorkflowAction action, long execution)
    {
        switch (action)
        {
            case CallActivity call:
                _ = ActivityAsync(call, execution);
                break;
            case StartChild child:
                _ = ChildAsync(child, execution);
                break;
            case CreateTimer timer:
                _ = TimerAsync(timer);
                break;
            case CancelTimer cancel:
                if (timers.Remove(cancel.Timer, out var source))
                    source.Cancel();
                break;
            case AwaitEvent wait:
                Listen(wait.Name);
                break;
            case SendEvent send:
                durable.SendEvent(send.InstanceId, send.Name, Payload.Element(send.Payload));
                break;
            default:
                throw new InvalidOperationException($"Unknown action of a workflow: {action}.");
        }
    }

    /// <summary>Listens for <see cref="StrayEvent"/>.</summary>
    public async Task ListenForStrayAsync(long execution)
    {
        while (await durable.WaitForExternalEvent<long>(StrayEvent) != execution)
        {
        }

        HasStrayed = true;
        wake.TrySetResult();
    }

    /// <summary>Takes in all events of this name from now on.</summary>
    public void Listen(string name)
    {
        if (waits.Add(name))
            _ = EventsAsync(name);
    }

    /// <summary>The next messages, in the order they came.</summary>
    public async Task<IReadOnlyList<WorkflowMessage>> NextAsync()
    {
        if (arrived.Count == 0 && !HasStrayed)
            await wake.Task;
        wake = new TaskCompletionSource();
        var messages = arrived;
        arrived = [];
        return messages;
    }

    /// <summary>An orchestration with open timers does not count as ended before they are due.</summary>
    public void CancelTimers()
    {
        foreach (var timer in timers.Values)
            timer.Cancel();
        timers.Clear();
    }

    private async Task ActivityAsync(CallActivity call, long execution)
    {
        var input = new ActivityEnvelope(durable.InstanceId, $"{durable.InstanceId}/{execution}/{call.Call}", call.Attempt, Payload.Element(call.Input));
        try
        {
            var answer = await AnswerAsync(call.Name, input);
            Arrive(answer.Failure is { } failure ? new ActivityFailed(call.Id, failure) : new ActivityCompleted(call.Id, Payload.Text(answer.Result)));
        }
        catch (Microsoft.DurableTask.TaskFailedException e)
        {
            Arrive(new ActivityFailed(call.Id, WorkflowFailedException.Read(e.FailureDetails)));
        }
    }

    private async Task KeepAsync(JsonElement status, int number, long execution)
    {
        for (int attempt = 1; attempt <= KeepAttempts && number == statuses; attempt++)
        {
            var answer = await AnswerAsync(KeepStatusActivity.Name, new ActivityEnvelope(durable.InstanceId, $"{durable.InstanceId}/{execution}/status-{number}", attempt, status));
            if (number != statuses || answer.Result?.GetString() is not { } digest)
                continue;
            durable.SetCustomStatus(LargeStatuses.ReferTo(digest));
            return;
        }
    }

    private async Task<ActivityAnswer> AnswerAsync(string name, ActivityEnvelope input)
    {
        var answer = await durable.CallActivityAsync<JsonElement>(name, JsonSerializer.SerializeToElement(input, EnvelopeJson.Default.ActivityEnvelope));
        return answer.Deserialize(EnvelopeJson.Default.ActivityAnswer)!;
    }

    private async Task ChildAsync(StartChild child, long execution)
    {
        try
        {
            // Durable Functions would replace a finished instance of that id, and drop the start of one that runs and leave the parent waiting.
            bool derived = child.InstanceId.StartsWith($"{durable.InstanceId}:{execution}:", StringComparison.Ordinal);
            if ((!derived || child.Attempt > 1) && await TakenAsync(child, execution) is { } taken)
            {
                Arrive(new ChildFailed(child.Id, taken));
                return;
            }

            var envelope = new WorkflowEnvelope(
                parts.Registry.NewestVersion(child.Name) ?? "0", ExecutionNumber.From(durable.NewGuid()), durable.InstanceId, null, Payload.Element(child.Input));
            var output = await durable.CallSubOrchestratorAsync<JsonElement>(child.Name, envelope.ToJson(), new SubOrchestrationOptions(instanceId: child.InstanceId));
            Arrive(new ChildCompleted(child.Id, Payload.Text(output)));
        }
        catch (Microsoft.DurableTask.TaskFailedException e)
        {
            Arrive(new ChildFailed(child.Id, WorkflowFailedException.Read(e.FailureDetails)));
        }
    }

    private async Task<FailureDetails?> TakenAsync(StartChild child, long execution)
    {
        var input = new ActivityEnvelope(
            durable.InstanceId, $"{durable.InstanceId}/{execution}/child-{child.Id}", 1, Payload.Element(parts.Write(new ChildClaim(child.InstanceId, child.Attempt))));
        var answer = await AnswerAsync(ClaimChildActivity.Name, input);
        if (answer.Failure is { } failure)
            return failure;
        return Payload.Text(answer.Result) == "true" ? null
            : new FailureDetails(typeof(InvalidOperationException).FullName!, $"An instance with id '{child.InstanceId}' exists already.");
    }

    private async Task TimerAsync(CreateTimer timer)
    {
        using var lost = new CancellationTokenSource();
        timers.Add(timer.Id, lost);
        try
        {
            await durable.CreateTimer(timer.DueAt.UtcDateTime, lost.Token);
            if (timers.Remove(timer.Id))
                Arrive(new TimerFired(timer.Id));
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>
    /// Keeps one wait per name open, from the first on, and never takes it back: Durable Functions serves the youngest of several waits first, gives events to
    /// waits that were cancelled, and sends what is left at the end of an execution to the back of the queue. What nobody waits for is kept by the execution
    /// instead, which hands it to the next wait or the next execution, in the order it came.
    /// </summary>
    private async Task EventsAsync(string name)
    {
        while (true)
            Arrive(new EventRaised(name, Payload.Text(await durable.WaitForExternalEvent<JsonElement>(name))));
    }

    private void Arrive(WorkflowMessage message)
    {
        arrived.Add(message);
        wake.TrySetResult();
    }
}
