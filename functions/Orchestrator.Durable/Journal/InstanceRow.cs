using System.Text.Json;
using Microsoft.Data.Sqlite;
using Orchestrator.Durable.History;

namespace Orchestrator.Durable.Journal;

/// <summary>What a turn needs to know of its instance.</summary>
sealed record InstanceRow(
    string Id, string Name, string Version, long Execution, int Turns, WorkflowStatus Status, DateTimeOffset StartAt,
    string? Input, string? Carried, string? Blocked, string? Parent, DateTimeOffset UpdatedAt)
{
    public const string Columns =
        "id, name, version, execution, turns, status, start_at, input, carried, blocked, parent, updated_at";

    public bool IsFinished => Status >= WorkflowStatus.Completed;

    public static InstanceRow Read(SqliteDataReader r) => new(
        r.GetString(0), r.GetString(1), r.GetString(2), r.GetInt64(3), r.GetInt32(4), (WorkflowStatus)r.GetInt32(5), r.Time(6),
        r.Text(7), r.Text(8), r.Text(9), r.Text(10), r.Time(11));

    public Started Start() => new(
        Id, Name, Version, Execution, Parent, Input,
        Carried is null ? [] : JsonSerializer.Deserialize(Carried, HistoryJson.Default.IReadOnlyListEventRaised)!);
}

static class ReaderExtensions
{
    public static string? Text(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static DateTimeOffset Time(this SqliteDataReader reader, int column) => new(reader.GetInt64(column), TimeSpan.Zero);
}
