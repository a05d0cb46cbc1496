using System.Text.Json;
using Microsoft.DurableTask;
using Orchestrator.Durable;
using Orchestrator.Durable.History;
using Orchestrator.Durable.Replay;

namespace Orchestrator.Functions.Durable;

/// <summary>
/// One execution of a workflow as an orchestration. The workflow's code runs in the same <see cref="WorkflowExecution"/> as under the embedded engine, so that
/// waits, retries, ids, limits and failures are the same by construction; this only carries its actions to Durable Functions and the answers back.
/// <code>
/// history ──► durable task completes ──► message ──► turn of the workflow's code ──► actions ──► durable calls
///                     ▲                                                                              │
///                     └──────────────────────────────────────────────────────────────────────────────┘
/// </code>
/// </summary>
internal sealed class DurableRun
{
    private readonly TaskOrchestrationContext durable;
    private readonly DurableParts parts;
    private readonly DurableCalls calls;

    private DurableRun(TaskOrchestrationContext durable, DurableParts parts)
    {
        this.durable = durable;
        this.parts = parts;
        calls = new DurableCalls(durable, parts);
    }

    /// <summary>Runs the orchestration's current execution to its end.</summary>
    /// <exception cref="WorkflowFailedException">The workflow failed.</exception>
    public static async Task<JsonElement> RunAsync(TaskOrchestrationContext durable, DurableParts parts)
    {
        try
        {
            return await new DurableRun(durable, parts).RunAsync();
        }
        catch (NonDeterminismException e)
        {
            throw new WorkflowFailedException(FailureDetails.From(e));
        }
    }

    private async Task<JsonElement> RunAsync()
    {
        string name = durable.Name.Name;
        var envelope = WorkflowEnvelope.Read(durable.GetInput<JsonElement>() is { ValueKind: JsonValueKind.Object } input ? input.GetRawText() : null)
            ?? throw Failed($"Instance '{durable.InstanceId}' was not started by this application: its input has no envelope. Start workflows through the API.");
        var registration = parts.Registry.Workflow(name, envelope.Version)
            ?? throw Failed($"Workflow '{name}' version '{envelope.Version}' is not in this build ({parts.Registry.Describe(name)}). Keep a version until its instances are gone.");
        if (envelope.StartAt is { } startAt && startAt > Now)
            await durable.CreateTimer(startAt.UtcDateTime, CancellationToken.None);

        var started = new Started(
            durable.InstanceId, name, envelope.Version, envelope.Execution, envelope.Parent, Payload.Text(envelope.Input),
            [.. (envelope.Carried ?? []).Select(e => new EventRaised(e.Name, Payload.Text(e.Payload)))]);
        var execution = new WorkflowExecution(registration, parts.Environment, started, () => parts.Stray(started.InstanceId, started.Execution));
        _ = calls.ListenForStrayAsync(envelope.Execution);
        foreach (var carried in started.Carried)
            calls.Listen(carried.Name);
        IReadOnlyList<WorkflowMessage> messages = [started];
        while (true)
        {
            if (calls.HasStrayed)
                execution.StepOut();
            var turn = execution.Run(Now, messages, durable.IsReplaying);
            if (turn.NewStatus is { } status)
                calls.Show(Payload.Element(status), envelope.Execution);
            foreach (var action in turn.Actions)
            {
                if (action is EndAction end)
                    return End(end, envelope, execution.KeepsEvents);
                calls.Start(action, envelope.Execution);
            }

            messages = await calls.NextAsync();
        }
    }

    private JsonElement End(EndAction end, WorkflowEnvelope envelope, bool keepsEvents)
    {
        calls.CancelTimers();
        switch (end)
        {
            case Complete done:
                return Payload.Element(done.Output);
            case ContinueAsNew next:
                var carried = next.Carried.Select(e => new CarriedEvent(e.Name, Payload.Element(e.Payload))).ToList();
                var following = new WorkflowEnvelope(
                    envelope.Version, ExecutionNumber.From(durable.NewGuid()), envelope.Parent, null, Payload.Element(next.Input), carried.Count > 0 ? carried : null);
                durable.ContinueAsNew(following.ToJson(), keepsEvents);
                return Payload.Element(null);
            case Fail failed:
                throw new WorkflowFailedException(failed.Failure);
            default:
                throw new InvalidOperationException($"Unknown end of a workflow: {end}.");
        }
    }

    private DateTimeOffset Now => new(DateTime.SpecifyKind(durable.CurrentUtcDateTime, DateTimeKind.Utc));

    private static WorkflowFailedException Failed(string message) => new(new FailureDetails(typeof(InvalidOperationException).FullName!, message));
}
