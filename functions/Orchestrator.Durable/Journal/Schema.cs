namespace Orchestrator.Durable.Journal;

/// <summary>Tables of the journal. Times are UTC ticks, payloads JSON text.</summary>
static class Schema
{
    const int Version = 1;

    /// <summary>
    /// <c>turns = 0</c> marks an execution that has not begun: it is the queue of starts. <c>owner</c> has one row: the fencing epoch, raised
    /// whenever an engine takes the journal over, and the counter that numbers executions.
    /// </summary>
    const string Create = """
        CREATE TABLE IF NOT EXISTS owner (epoch INTEGER NOT NULL, execution INTEGER NOT NULL, name TEXT NOT NULL);
        INSERT INTO owner SELECT 0, 0, '' WHERE NOT EXISTS (SELECT 1 FROM owner);
        CREATE TABLE IF NOT EXISTS instances (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, execution INTEGER NOT NULL, turns INTEGER NOT NULL,
            status INTEGER NOT NULL, start_at INTEGER NOT NULL, input TEXT, carried TEXT, output TEXT, custom_status TEXT, failure TEXT,
            blocked TEXT, parent TEXT, parent_execution INTEGER, parent_task INTEGER,
            created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS starts ON instances (execution) WHERE turns = 0 AND status < 2;
        CREATE TABLE IF NOT EXISTS history (
            instance TEXT NOT NULL, execution INTEGER NOT NULL, turn INTEGER NOT NULL, data TEXT NOT NULL,
            PRIMARY KEY (instance, execution, turn)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS inbox (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, execution INTEGER, data TEXT NOT NULL);
        CREATE INDEX IF NOT EXISTS inbox_by_instance ON inbox (instance, seq);
        CREATE TABLE IF NOT EXISTS activities (
            instance TEXT NOT NULL, execution INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, input TEXT,
            call INTEGER NOT NULL, attempt INTEGER NOT NULL, PRIMARY KEY (instance, execution, id)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS timers (
            instance TEXT NOT NULL, execution INTEGER NOT NULL, id INTEGER NOT NULL, due_at INTEGER NOT NULL,
            PRIMARY KEY (instance, execution, id)) WITHOUT ROWID;
        """;

    /// <exception cref="InvalidOperationException">A newer build wrote the journal.</exception>
    public static void Ensure(JournalSession session)
    {
        session.Execute("BEGIN IMMEDIATE");
        var found = session.Scalar<long>("PRAGMA user_version");
        if (found > Version)
        {
            throw new InvalidOperationException(
                $"The journal has schema version {found}, this build knows {Version}. Run the build that wrote it, or a newer one.");
        }
        session.Execute(Create);
        session.Execute($"PRAGMA user_version = {Version}");
        session.Execute("COMMIT");
    }
}
