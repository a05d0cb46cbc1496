using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Orchestrator.Durable.History;
using Orchestrator.Durable.Journal;

namespace Orchestrator.Durable.Engine;

/// <summary>
/// The client of the embedded engine. It works on the journal itself, so that it also serves processes whose engine stands by; the owner
/// is signalled when it is in this process and polls otherwise.
/// </summary>
sealed class EmbeddedWorkflowClient(EngineParts parts, Func<EngineSession?> session, Action<CrashPoint> mayCrash) : IWorkflowClient
{
    const int MaxNameLength = 200;
    const int PageSize = 100;

    const string Columns =
        "id, name, version, execution, status, parent, input, output, custom_status, failure, blocked, created_at, updated_at";

    public async Task<ScheduleOutcome> ScheduleAsync(
        string name, object? input, string instanceId, ScheduleOptions? options = null, CancellationToken cancellationToken = default)
    {
        Check(instanceId, "instance id");
        cancellationToken.ThrowIfCancellationRequested();
        var version = options?.Version ?? parts.Registry.NewestVersion(name);
        if (version is null || parts.Registry.Workflow(name, version) is null)
        {
            throw new ArgumentException($"Cannot schedule workflow '{name}' version '{version}': {parts.Registry.Describe(name)}.", nameof(name));
        }
        var now = parts.Time.GetUtcNow();
        var startAt = options?.StartAt is { } later && later > now ? later.ToUniversalTime() : now;
        var start = new InstanceStart(instanceId, name, version, Serialize(input), startAt, now);
        if (!await parts.Writer.WriteAsync(start.Insert))
        {
            return ScheduleOutcome.AlreadyExists;
        }
        mayCrash(CrashPoint.ScheduleCommitted);
        session()?.Start(instanceId, startAt);
        return ScheduleOutcome.Created;
    }

    public async Task<RaiseOutcome> RaiseEventAsync(
        string instanceId, string name, object? payload = null, CancellationToken cancellationToken = default)
    {
        Check(name, "event name");
        return await MailAsync(instanceId, new EventRaised(name, Serialize(payload)), cancellationToken);
    }

    public async Task<bool> TerminateAsync(string instanceId, string reason, CancellationToken cancellationToken = default) =>
        await MailAsync(instanceId, new TerminateRequested(reason), cancellationToken) == RaiseOutcome.Accepted;

    public Task<WorkflowState?> GetAsync(string instanceId, CancellationToken cancellationToken = default) =>
        Task.FromResult(parts.Reader.Use(s => s.Query(
            $"SELECT {Columns} FROM instances WHERE id = $1", ReadState, instanceId).SingleOrDefault()));

    public async Task<WorkflowState> WaitForCompletionAsync(string instanceId, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var change = parts.Signals.Next(instanceId);
            var state = await GetAsync(instanceId, cancellationToken) ?? throw new InstanceNotFoundException(instanceId);
            if (state.IsFinished)
            {
                parts.Signals.Finished(instanceId);
                return state;
            }
            using var woken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(change, Task.Delay(parts.Options.PollInterval, parts.Time, woken.Token));
            cancellationToken.ThrowIfCancellationRequested();
            await woken.CancelAsync();
        }
    }

    public Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken = default) =>
        parts.Writer.WriteAsync(s =>
        {
            if (s.Execute("DELETE FROM instances WHERE id = $1 AND status >= 2", instanceId) == 0)
            {
                return false;
            }
            s.Execute("DELETE FROM history WHERE instance = $1", instanceId);
            s.Execute("DELETE FROM inbox WHERE instance = $1", instanceId);
            s.Execute("DELETE FROM activities WHERE instance = $1", instanceId);
            return true;
        });

    public async IAsyncEnumerable<WorkflowState> ListAsync(
        WorkflowQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        query ??= new();
        var (after, left) = ("", query.Limit);
        while (left > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var page = parts.Reader.Use(s => s.Query(
                $"""
                SELECT {Columns} FROM instances
                WHERE id > $1 AND ($2 IS NULL OR substr(id, 1, length($2)) = $2) AND ($3 IS NULL OR name = $3)
                  AND ($4 IS NULL OR instr($4, status) > 0) AND ($5 IS NULL OR updated_at < $5)
                ORDER BY id LIMIT $6
                """,
                ReadState, after, query.IdPrefix, query.Name,
                query.Statuses is { } statuses ? string.Concat(statuses.Select(status => (int)status)) : null,
                query.UpdatedBefore?.UtcTicks,
                Math.Min(left, PageSize)));
            foreach (var state in page)
            {
                yield return state;
            }
            if (page.Count < Math.Min(left, PageSize))
            {
                yield break;
            }
            left -= page.Count;
            after = page[^1].InstanceId;
        }
        await Task.CompletedTask;
    }

    async Task<RaiseOutcome> MailAsync(string instanceId, WorkflowMessage message, CancellationToken cancellationToken)
    {
        Check(instanceId, "instance id");
        cancellationToken.ThrowIfCancellationRequested();
        var data = JsonSerializer.Serialize(message, HistoryJson.Default.WorkflowMessage);
        var outcome = await parts.Writer.WriteAsync(s =>
        {
            switch (s.Scalar<long>("SELECT status FROM instances WHERE id = $1", instanceId))
            {
                case null:
                    return RaiseOutcome.NotFound;
                case >= (long)WorkflowStatus.Completed:
                    return RaiseOutcome.Finished;
            }
            s.Execute("INSERT INTO inbox (instance, execution, data) VALUES ($1, NULL, $2)", instanceId, data);
            return RaiseOutcome.Accepted;
        });
        if (outcome == RaiseOutcome.Accepted)
        {
            mayCrash(CrashPoint.EventCommitted);
            session()?.Signal(instanceId);
        }
        return outcome;
    }

    WorkflowState ReadState(SqliteDataReader r) => new()
    {
        InstanceId = r.GetString(0),
        Name = r.GetString(1),
        Version = r.GetString(2),
        Execution = r.GetInt64(3),
        Status = (WorkflowStatus)r.GetInt32(4),
        ParentInstanceId = r.Text(5),
        InputJson = r.Text(6),
        OutputJson = r.Text(7),
        CustomStatusJson = r.Text(8),
        Failure = r.Text(9) is { } failure ? JsonSerializer.Deserialize(failure, HistoryJson.Default.FailureDetails) : null,
        BlockedBy = r.Text(10),
        CreatedAt = r.Time(11),
        UpdatedAt = r.Time(12),
        Json = parts.Options.Json,
    };

    string Serialize(object? value)
    {
        var json = JsonSerializer.Serialize(value, value?.GetType() ?? typeof(object), parts.Options.Json);
        return json.Length <= parts.Options.MaxPayloadChars ? json : throw new ArgumentException(
            $"The payload has {json.Length} characters of JSON, more than the {parts.Options.MaxPayloadChars} allowed. Store it as a blob and pass its reference.");
    }

    static void Check(string value, string what)
    {
        if (value is not { Length: >= 1 and <= MaxNameLength })
        {
            throw new ArgumentException($"An {what} has 1 to {MaxNameLength} characters.", nameof(value));
        }
    }
}
