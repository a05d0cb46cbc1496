using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Orchestrator.ControlPlane.Tests.Kit;

namespace Orchestrator.ControlPlane.Tests.Histories;

/// <summary>What a workflow instance did, as the embedded engine's journal keeps it and as files beside these tests do.</summary>
/// <param name="Workflow">Its workflow's name.</param>
/// <param name="Version">The version it ran under.</param>
/// <param name="Turns">JSON of its turns, in order.</param>
internal sealed partial record StoredHistory(string Workflow, string Version, IReadOnlyList<string> Turns)
{
    private const int MostAlike = 2;

    /// <summary>Set to 1 to record what is missing. What is there stays: it says what a build did that may have jobs in flight.</summary>
    public const string RecordSwitch = "ORCHESTRATOR_RECORD_HISTORIES";

    public static string Folder { get; } = Path.Combine(Platform.Repository(), "tests", "Orchestrator.ControlPlane.Tests", "Histories");

    /// <summary>A turn a line, so that a difference can be read.</summary>
    public string Json => $"[\n{string.Join(",\n", Turns)}\n]\n";

    /// <summary>All instances of a journal that have ended.</summary>
    public static IReadOnlyList<StoredHistory> Of(string journal)
    {
        using var connection = new SqliteConnection($"Data Source={journal};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT i.id, i.name, i.version, h.data FROM instances i JOIN history h ON h.instance = i.id AND h.execution = i.execution
            WHERE i.status >= 2 ORDER BY i.created_at, i.id, h.turn
            """;
        using var reader = command.ExecuteReader();
        List<(string Id, string Name, string Version, string Turn)> rows = [];
        while (reader.Read())
            rows.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3)));
        return [.. rows.GroupBy(r => (r.Id, r.Name, r.Version)).Select(g => new StoredHistory(g.Key.Name, g.Key.Version, [.. g.Select(r => r.Turn)]))];
    }

    /// <summary>Files of one workflow in one scenario.</summary>
    public static IReadOnlyList<string> Files(string scenario, string workflow, string version) =>
        [.. Directory.GetFiles(Folder, $"{scenario}.{workflow}.v{version}.*.json")];

    /// <summary>Writes some of each workflow of which there is no file yet, without the stack traces of failures: they name files of the machine that recorded.</summary>
    public static void Record(string scenario, IEnumerable<StoredHistory> histories)
    {
        foreach (var alike in histories.GroupBy(h => (h.Workflow, h.Version)).Where(g => Files(scenario, g.Key.Workflow, g.Key.Version).Count == 0))
        {
            foreach (var (i, history) in alike.DistinctBy(h => h.Turns.Count).Take(MostAlike).Index())
                File.WriteAllText(Path.Combine(Folder, $"{scenario}.{history.Workflow}.v{history.Version}.{i + 1}.json"), StackTraces().Replace(history.Json, "\"details\":\"\""));
        }
    }

    [GeneratedRegex("""
        "details":"(?:[^"\\]|\\.)*"
        """)]
    private static partial Regex StackTraces();
}
