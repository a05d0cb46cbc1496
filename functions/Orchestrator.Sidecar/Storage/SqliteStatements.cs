using Microsoft.Data.Sqlite;

namespace Orchestrator.Sidecar.Storage;

/// <summary>The database connection of a <see cref="SqliteStore"/> with its prepared statements. Not thread-safe.</summary>
internal sealed class SqliteStatements : IDisposable
{
    private const string Schema = """
        PRAGMA locking_mode = EXCLUSIVE;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        CREATE TABLE IF NOT EXISTS state (
            version INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, value BLOB NOT NULL, expires INTEGER);
        CREATE TABLE IF NOT EXISTS messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT, pubsub TEXT NOT NULL, topic TEXT NOT NULL, raw INTEGER NOT NULL,
            expires INTEGER, waiting INTEGER NOT NULL, payload BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS groups (
            id INTEGER PRIMARY KEY AUTOINCREMENT, pubsub TEXT NOT NULL, topic TEXT NOT NULL, app TEXT NOT NULL, UNIQUE (pubsub, topic, app));
        CREATE TABLE IF NOT EXISTS deliveries (
            grp INTEGER NOT NULL, message INTEGER NOT NULL, PRIMARY KEY (grp, message)) WITHOUT ROWID;
        """;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);

    /// <exception cref="IOException">The database is in use by another sidecar, or is not one.</exception>
    public SqliteStatements(string folder)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "sidecar.db");
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = 2 }.ToString());
        try
        {
            _connection.Open();
            using var command = _connection.CreateCommand();
            command.CommandText = Schema;
            command.ExecuteNonQuery();
            // Takes the exclusive lock now rather than at the first write.
            Run("BEGIN IMMEDIATE");
            Run("COMMIT");
        }
        catch (SqliteException e)
        {
            _connection.Dispose();
            throw new IOException($"cannot open {file}: {e.Message}: is another sidecar using this data folder?", e);
        }
    }

    public int Run(string sql, params ReadOnlySpan<object?> values) => Prepare(sql, values).ExecuteNonQuery();

    public long RunScalar(string sql, params ReadOnlySpan<object?> values) => Convert.ToInt64(Prepare(sql, values).ExecuteScalar());

    public SqliteDataReader Query(string sql, params ReadOnlySpan<object?> values) => Prepare(sql, values).ExecuteReader();

    /// <summary>Runs an action as one transaction; rolled back when it throws or returns false.</summary>
    public void InTransaction(Func<bool> action)
    {
        Run("BEGIN IMMEDIATE");
        var keep = false;
        try
        {
            keep = action();
        }
        finally
        {
            Run(keep ? "COMMIT" : "ROLLBACK");
        }
    }

    public void Dispose()
    {
        foreach (var command in _prepared.Values)
        {
            command.Dispose();
        }
        _connection.Dispose();
    }

    private SqliteCommand Prepare(string sql, ReadOnlySpan<object?> values)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
#pragma warning disable CA2100 // Statements are constants of this assembly; values are parameters.
            command.CommandText = sql;
#pragma warning restore CA2100
            for (var i = 0; i < values.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${i + 1}" });
            }
            _prepared[sql] = command;
        }
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
        return command;
    }
}
