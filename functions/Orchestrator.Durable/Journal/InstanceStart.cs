namespace Orchestrator.Durable.Journal;

/// <summary>A new instance, to be written by the client or by its parent's turn.</summary>
sealed record InstanceStart(
    string Id, string Name, string Version, string? Input, DateTimeOffset StartAt, DateTimeOffset Now,
    string? Parent = null, long? ParentExecution = null, int? ParentTask = null)
{
    /// <summary>False when the id is taken.</summary>
    public bool Insert(JournalSession session)
    {
        if (session.Scalar<long>("SELECT 1 FROM instances WHERE id = $1", Id) is not null)
        {
            return false;
        }
        session.Execute(
            """
            INSERT INTO instances (id, name, version, execution, turns, status, start_at, input, parent, parent_execution, parent_task, created_at, updated_at)
            VALUES ($1, $2, $3, $4, 0, 0, $5, $6, $7, $8, $9, $10, $10)
            """,
            Id, Name, Version, NextExecution(session), StartAt.UtcTicks, Input, Parent, ParentExecution, ParentTask, Now.UtcTicks);
        return true;
    }

    /// <summary>Removes a finished child of the same parent, so that a retry may use its id again.</summary>
    public void ForgetFinishedAttempt(JournalSession session)
    {
        if (session.Execute("DELETE FROM instances WHERE id = $1 AND parent = $2 AND status >= 2", Id, Parent) > 0)
        {
            session.Execute("DELETE FROM history WHERE instance = $1", Id);
        }
    }

    public static long NextExecution(JournalSession session) =>
        session.Scalar<long>("UPDATE owner SET execution = execution + 1 RETURNING execution")!.Value;
}
