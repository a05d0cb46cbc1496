using Orchestrator.Durable.History;
using Orchestrator.Durable.Journal;
using Orchestrator.Durable.Replay;

namespace Orchestrator.Durable.Engine;

/// <summary>
/// One turn of one instance:
/// <code>
///   messages ──► row, code (replayed if not in memory) ──► run ──► one commit ──► effects become visible
/// </code>
/// Nothing leaves this class before the commit; if it fails or the process dies, the same messages come again.
/// </summary>
sealed class TurnRunner(EngineParts parts, long epoch, Action<string, Envelope> post, Action<CrashPoint> mayCrash)
{
    /// <summary>Null when nothing was committed that anyone must hear of.</summary>
    public async Task<TurnEffects?> RunAsync(InstanceMailbox mailbox, List<Envelope> memory, bool mail)
    {
        var row = mailbox.Live?.Row ?? parts.Reader.Instance(mailbox.InstanceId);
        if (row is null)
        {
            return null;
        }
        var envelopes = mail ? [.. memory, .. Inbox(row.Id, memory.Count)] : memory;
        var terminate = envelopes.FirstOrDefault(e => e.Message is TerminateRequested)?.Message as TerminateRequested;
        if (row.IsFinished)
        {
            return await CommitAsync(mailbox, row, null, null, envelopes, null);
        }
        if (terminate is not null)
        {
            var failure = new FailureDetails("Terminated", terminate.Reason);
            return await CommitAsync(mailbox, row, new(Now(row), [terminate], [new Fail(0, failure)]), null, envelopes, null);
        }
        if (row.Turns == 0 && row.StartAt > parts.Time.GetUtcNow())
        {
            return new([], [], [], [new(row.StartAt, row.Id, row.Execution, TimerRow.Start)], []);
        }
        if (parts.Registry.Workflow(row.Name, row.Version) is not { } registration)
        {
            await BlockAsync(row);
            return null;
        }
        return await AdvanceAsync(mailbox, row, registration, envelopes);
    }

    async Task<TurnEffects?> AdvanceAsync(
        InstanceMailbox mailbox, InstanceRow row, WorkflowRegistration registration, List<Envelope> envelopes)
    {
        var now = Now(row);
        try
        {
            var execution = mailbox.Live?.Execution ?? Replay(row, registration);
            var accepted = Accept(execution, row, envelopes);
            if (envelopes.Any(e => e.Message is SteppedOut && e.Execution == row.Execution))
            {
                execution.StepOut();
            }
            if (accepted.Count == 0 && !execution.HasSteppedOut)
            {
                return envelopes.Count == 0 ? null : await CommitAsync(mailbox, row, null, null, envelopes, execution);
            }
            var outcome = execution.Run(now, accepted, replaying: false);
            return await CommitAsync(mailbox, row, new(now, accepted, outcome.Actions), outcome.NewStatus, envelopes, execution);
        }
        catch (NonDeterminismException error)
        {
            return await CommitAsync(
                mailbox, row, new(now, [], [new Fail(0, FailureDetails.From(error))]), null, envelopes, null);
        }
    }

    WorkflowExecution Replay(InstanceRow row, WorkflowRegistration registration)
    {
        var execution = new WorkflowExecution(
            registration, parts.Environment, row.Start(), () => post(row.Id, new(null, row.Execution, new SteppedOut())));
        ReplayCheck.Replay(execution, row.Turns == 0 ? [] : parts.Reader.History(row.Id, row.Execution));
        return execution;
    }

    List<WorkflowMessage> Accept(WorkflowExecution execution, InstanceRow row, List<Envelope> envelopes)
    {
        var accepted = new List<WorkflowMessage>();
        var settled = new HashSet<int>();
        if (row.Turns == 0)
        {
            accepted.Add(row.Start());
        }
        foreach (var (_, target, message) in envelopes)
        {
            if (message is SteppedOut)
            {
                continue;
            }
            if ((target is null || target == row.Execution)
                && execution.IsAwaited(message)
                && (message is not TaskMessage task || settled.Add(task.Id)))
            {
                accepted.Add(message);
            }
            else
            {
                EngineLog.Ignored(parts.Log, row.Id, message.GetType().Name);
            }
        }
        return accepted;
    }

    async Task<TurnEffects?> CommitAsync(
        InstanceMailbox mailbox, InstanceRow row, HistoryTurn? turn, string? status, List<Envelope> consumed, WorkflowExecution? execution)
    {
        var commit = new TurnCommit(epoch, row, turn, status, consumed, turn?.At ?? row.UpdatedAt, parts.Registry.NewestVersion);
        mayCrash(CrashPoint.BeforeTurnCommit);
        var effects = await parts.Writer.WriteAsync(commit.Apply);
        mayCrash(CrashPoint.TurnCommitted);
        var end = turn?.Actions is [.., EndAction last] ? last : null;
        if (execution is null || end is not null || parts.Options.EvictAfterEveryEvent)
        {
            mailbox.Live = null;
        }
        else
        {
            mailbox.Live = (execution, turn is null ? row : row with { Turns = row.Turns + 1, Status = WorkflowStatus.Running, UpdatedAt = turn.At });
        }
        if (turn is not null)
        {
            DurableInstruments.TurnCommitted(row.Name);
        }
        if (end is Fail fail)
        {
            EngineLog.WorkflowFailed(parts.Log, row.Id, row.Name, row.Version, fail.Failure.Type, fail.Failure.Message);
        }
        if (end is Fail or Complete)
        {
            DurableInstruments.WorkflowFinished(row.Name, end is Complete);
            parts.Signals.Finished(row.Id);
        }
        if (consumed.Count >= SessionLimits.MessagesPerTurn(parts.Options))
        {
            mailbox.TryPost(null, out _);
        }
        return effects;
    }

    async Task BlockAsync(InstanceRow row)
    {
        var reason = $"No version '{row.Version}' of workflow '{row.Name}' is registered ({parts.Registry.Describe(row.Name)}). "
            + "Deploy a build that registers it; the instance then goes on.";
        if (row.Blocked != reason)
        {
            EngineLog.Blocked(parts.Log, row.Id, reason);
            await parts.Writer.WriteAsync(s => s.Execute("UPDATE instances SET blocked = $2 WHERE id = $1", row.Id, reason));
        }
    }

    IEnumerable<Envelope> Inbox(string instanceId, int taken) =>
        parts.Reader.Inbox(instanceId, SessionLimits.MessagesPerTurn(parts.Options) - taken)
            .Select(r => new Envelope(r.Seq, r.Execution, r.Message));

    // The recorded clock never runs backwards, even when the machine's does.
    DateTimeOffset Now(InstanceRow row)
    {
        var now = parts.Time.GetUtcNow();
        return now > row.UpdatedAt ? now : row.UpdatedAt;
    }
}

/// <summary>In-process notice that an execution's code awaits something foreign; never stored.</summary>
sealed record SteppedOut : WorkflowMessage;

static class SessionLimits
{
    public static int MessagesPerTurn(DurableEngineOptions options) => options.EvictAfterEveryEvent ? 1 : options.MaxMessagesPerTurn;
}
