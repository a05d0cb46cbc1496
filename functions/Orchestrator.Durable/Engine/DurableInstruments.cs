using System.Diagnostics.Metrics;

namespace Orchestrator.Durable.Engine;

/// <summary>Counters of the embedded engine, for whoever listens to the meter <c>Orchestrator.Durable</c>.</summary>
static class DurableInstruments
{
    const string Workflow = "workflow";
    const string Activity = "activity";
    const string Outcome = "outcome";

    static readonly Meter Meter = new("Orchestrator.Durable");
    static readonly Counter<long> Turns = Meter.CreateCounter<long>("durable.turns", "{turn}", "Turns committed.");
    static readonly Counter<long> Finished = Meter.CreateCounter<long>("durable.workflows.finished", "{instance}", "Instances that ended.");
    static readonly Counter<long> Activities = Meter.CreateCounter<long>("durable.activities", "{delivery}", "Activity deliveries that returned.");

    public static void TurnCommitted(string workflow) => Turns.Add(1, new KeyValuePair<string, object?>(Workflow, workflow));

    public static void WorkflowFinished(string workflow, bool completed) =>
        Finished.Add(1, new(Workflow, workflow), new(Outcome, completed ? "completed" : "failed"));

    public static void ActivityReturned(string activity, bool completed) =>
        Activities.Add(1, new(Activity, activity), new(Outcome, completed ? "completed" : "failed"));
}
