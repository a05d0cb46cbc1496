using System.Text.Json;
using Orchestrator.Durable.History;

namespace Orchestrator.Durable.Journal;

/// <summary>What the outside must be told once a turn is committed.</summary>
sealed record TurnEffects(
    List<ActivityRow> Activities, List<TimerRow> NewTimers, List<TimerRow> DeadTimers, List<TimerRow> Starts, HashSet<string> Mail);

/// <summary>Everything one turn writes, in one transaction: nothing of it is visible before, all of it is after.</summary>
/// <param name="Turn">Null when the messages only have to be thrown away.</param>
/// <param name="Consumed">Messages this turn used up or found to be too late.</param>
sealed record TurnCommit(
    long Epoch, InstanceRow Row, HistoryTurn? Turn, string? NewStatus, IReadOnlyList<Envelope> Consumed, DateTimeOffset Now,
    Func<string, string?> ChildVersion)
{
    public TurnEffects Apply(JournalSession session)
    {
        var effects = new TurnEffects([], [], [], [], []);
        var epoch = session.Scalar<long>("SELECT epoch FROM owner")!.Value;
        if (epoch != Epoch)
        {
            throw new FencedException(Epoch, epoch);
        }
        if (Turn is not null)
        {
            Advance(session, Turn);
        }
        foreach (var message in Consumed)
        {
            Discard(session, message);
        }
        foreach (var action in Turn?.Actions ?? [])
        {
            Perform(session, action, effects);
        }
        return effects;
    }

    void Advance(JournalSession session, HistoryTurn turn)
    {
        var moved = session.Execute(
            """
            UPDATE instances SET turns = turns + 1, status = 1, blocked = NULL, custom_status = coalesce($4, custom_status), updated_at = $5
            WHERE id = $1 AND execution = $2 AND turns = $3 AND status < 2
            """,
            Row.Id, Row.Execution, Row.Turns, NewStatus, Now.UtcTicks);
        if (moved != 1)
        {
            throw new StaleTurnException(Row.Id);
        }
        session.Execute(
            "INSERT INTO history (instance, execution, turn, data) VALUES ($1, $2, $3, $4)",
            Row.Id, Row.Execution, Row.Turns, JsonSerializer.Serialize(turn, HistoryJson.Default.HistoryTurn));
    }

    void Discard(JournalSession session, Envelope envelope)
    {
        if (envelope.InboxSeq is { } seq)
        {
            session.Execute("DELETE FROM inbox WHERE seq = $1", seq);
            return;
        }
        switch (envelope.Message)
        {
            case TimerFired timer:
                session.Execute(
                    "DELETE FROM timers WHERE instance = $1 AND execution = $2 AND id = $3", Row.Id, envelope.Execution, timer.Id);
                break;
            case TaskMessage task:
                session.Execute(
                    "DELETE FROM activities WHERE instance = $1 AND execution = $2 AND id = $3", Row.Id, envelope.Execution, task.Id);
                break;
        }
    }

    void Perform(JournalSession session, WorkflowAction action, TurnEffects effects)
    {
        switch (action)
        {
            case CallActivity call:
                var activity = new ActivityRow(Row.Id, Row.Execution, call.Id, call.Name, call.Input, call.Call, call.Attempt);
                session.Execute(
                    "INSERT INTO activities (instance, execution, id, name, input, call, attempt) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    activity.Instance, activity.Execution, activity.Id, activity.Name, activity.Input, activity.Call, activity.Attempt);
                effects.Activities.Add(activity);
                break;
            case CreateTimer create:
                session.Execute(
                    "INSERT INTO timers (instance, execution, id, due_at) VALUES ($1, $2, $3, $4)",
                    Row.Id, Row.Execution, create.Id, create.DueAt.UtcTicks);
                effects.NewTimers.Add(new(create.DueAt, Row.Id, Row.Execution, create.Id));
                break;
            case CancelTimer cancel:
                DropTimers(session, effects, "AND id = $3", cancel.Timer);
                break;
            case StartChild child:
                StartChild(session, child, effects);
                break;
            case SendEvent send:
                Mail(session, effects, send.InstanceId, null, new EventRaised(send.Name, send.Payload));
                break;
            case EndAction end:
                DropTimers(session, effects, "AND $3 = 0", 0);
                End(session, end, effects);
                break;
        }
    }

    void DropTimers(JournalSession session, TurnEffects effects, string which, int id)
    {
        var dropped = session.Query(
            $"DELETE FROM timers WHERE instance = $1 AND execution = $2 {which} RETURNING due_at, id",
            r => new TimerRow(r.Time(0), Row.Id, Row.Execution, r.GetInt32(1)), Row.Id, Row.Execution, id);
        effects.NewTimers.RemoveAll(dropped.Contains);
        effects.DeadTimers.AddRange(dropped);
    }

    void StartChild(JournalSession session, StartChild child, TurnEffects effects)
    {
        if (ChildVersion(child.Name) is not { } version)
        {
            FailChild(session, effects, child, $"No workflow '{child.Name}' is registered.");
            return;
        }
        var start = new InstanceStart(
            child.InstanceId, child.Name, version, child.Input, Now, Now, Row.Id, Row.Execution, child.Id);
        if (child.Attempt > 1)
        {
            start.ForgetFinishedAttempt(session);
        }
        if (start.Insert(session))
        {
            effects.Starts.Add(new(Now, child.InstanceId, 0, TimerRow.Start));
        }
        else
        {
            FailChild(session, effects, child, $"An instance with id '{child.InstanceId}' exists already.");
        }
    }

    void FailChild(JournalSession session, TurnEffects effects, StartChild child, string message) =>
        Mail(session, effects, Row.Id, Row.Execution,
            new ChildFailed(child.Id, new FailureDetails(typeof(ArgumentException).FullName!, message)));

    void End(JournalSession session, EndAction end, TurnEffects effects)
    {
        switch (end)
        {
            case ContinueAsNew next:
                session.Execute("DELETE FROM history WHERE instance = $1 AND execution = $2", Row.Id, Row.Execution);
                session.Execute(
                    "UPDATE instances SET execution = $2, turns = 0, input = $3, carried = $4, start_at = $5 WHERE id = $1",
                    Row.Id, InstanceStart.NextExecution(session), next.Input,
                    next.Carried.Count == 0 ? null : JsonSerializer.Serialize(next.Carried, HistoryJson.Default.IReadOnlyListEventRaised),
                    Now.UtcTicks);
                effects.Starts.Add(new(Now, Row.Id, 0, TimerRow.Start));
                break;
            case Complete done:
                Finish(session, effects, WorkflowStatus.Completed, done.Output, null, id => new ChildCompleted(id, done.Output));
                break;
            case Fail fail:
                var status = Turn!.Messages.Any(m => m is TerminateRequested) ? WorkflowStatus.Terminated : WorkflowStatus.Failed;
                Finish(session, effects, status, null, fail.Failure, id => new ChildFailed(id, fail.Failure));
                break;
        }
    }

    void Finish(
        JournalSession session, TurnEffects effects, WorkflowStatus status, string? output, FailureDetails? failure,
        Func<int, WorkflowMessage> toParent)
    {
        session.Execute(
            "UPDATE instances SET status = $2, output = $3, failure = $4 WHERE id = $1",
            Row.Id, (int)status, output, failure is null ? null : JsonSerializer.Serialize(failure, HistoryJson.Default.FailureDetails));
        // Whatever came too late for it would otherwise lie in the inbox for ever.
        session.Execute("DELETE FROM inbox WHERE instance = $1", Row.Id);
        var parents = session.Query(
            "SELECT parent, parent_execution, parent_task FROM instances WHERE id = $1 AND parent IS NOT NULL",
            r => (Id: r.GetString(0), Execution: r.GetInt64(1), Task: r.GetInt32(2)), Row.Id);
        foreach (var parent in parents)
        {
            Mail(session, effects, parent.Id, parent.Execution, toParent(parent.Task));
        }
    }

    static void Mail(JournalSession session, TurnEffects effects, string instance, long? execution, WorkflowMessage message)
    {
        var sent = session.Execute(
            "INSERT INTO inbox (instance, execution, data) SELECT $1, $2, $3 FROM instances WHERE id = $1 AND status < 2",
            instance, execution, JsonSerializer.Serialize(message, HistoryJson.Default.WorkflowMessage));
        if (sent > 0)
        {
            effects.Mail.Add(instance);
        }
    }
}

/// <summary>A message on its way into a turn.</summary>
/// <param name="InboxSeq">Its row in the inbox; null when it lives in the activity or timer outbox until this turn commits.</param>
/// <param name="Execution">The execution it answers; null for whichever runs.</param>
sealed record Envelope(long? InboxSeq, long? Execution, WorkflowMessage Message);
