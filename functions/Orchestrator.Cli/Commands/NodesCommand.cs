using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Contracts;
using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary><c>nodes list|show</c>.</summary>
public static class NodesCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var command = new Command("nodes", "List and show nodes.") { List(terminal), Show(terminal) };
        return command;
    }

    private static Command List(Terminal terminal)
    {
        var command = new Command("list", "List the nodes of a network.");
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var client = connection.Client(parsed);
            var nodes = await client.NodesAsync(cancel);
            if (connection.Json(parsed))
            {
                terminal.WriteJson(nodes);
                return ExitCodes.Success;
            }

            var table = new Table().Border(TableBorder.None).AddColumns("NODE", "HOST", "STATUS", "STAGES", "SESSIONS", "JOBS", "EARNED", "BONDED", "SCORE", "LAST SEEN");
            foreach (var node in nodes.Select(n => n!))
            {
                table.AddRow(
                    Markup.Escape($"{node["node"]}"),
                    Markup.Escape($"{node["host"]}"),
                    Status($"{node["status"]}"),
                    Markup.Escape(Stages(node)),
                    $"{node["active_sessions"]}",
                    $"{node["jobs_served"]}",
                    $"{node["earned"]!.GetValue<long>():N0}",
                    $"{node["standing"]?["bonded"]?.GetValue<long>():N0}",
                    Score(node["standing"]),
                    $"{node["last_seen"]!.GetValue<DateTimeOffset>():HH:mm:ss}");
            }

            terminal.Out.Write(table);
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Show(Terminal terminal)
    {
        var id = NodeArgument();
        var command = new Command("show", "Show one node: what it does, its scores and stake, history, audits and slashes with evidence.") { id };
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var node = Parse(parsed.GetValue(id));
            using var client = connection.Client(parsed);
            var found = await client.GetAsync($"api/nodes/{node}", cancel);
            if (connection.Json(parsed))
                terminal.WriteJson(found);
            else
                NodeDetails.Write(terminal.Out, found);
            return ExitCodes.Success;
        });
        return command;
    }

    private static string Score(JsonNode? standing) => standing?["barred"] is { } barred
        ? $"[red]{standing["score"]!.GetValue<double>():F3} ({Markup.Escape($"{barred}")})[/]"
        : $"{standing?["score"]?.GetValue<double>():F3}";

    /// <summary>The argument that names a node.</summary>
    public static Argument<string> NodeArgument() => new("node") { Description = "Node id" };

    /// <summary>A node id from the command line.</summary>
    /// <exception cref="CliException">It is none.</exception>
    public static NodeId Parse(string? text) => NodeId.TryParse(text, out var node)
        ? node
        : throw new CliException($"a node id has {NodeId.Length} characters a-z and 2-7: see 'orchestrator nodes list'", ExitCodes.Usage);

    /// <summary>The stages a node holds, those that are not ready with their state.</summary>
    public static string Stages(JsonNode node) =>
        string.Join(' ', node["shards"]!.AsArray().Select(s => $"{s!["stage"]}{($"{s["state"]}" is "ready" ? "" : $"({s["state"]})")}"));

    /// <summary>A status in its colour.</summary>
    public static string Status(string status) => status switch
    {
        "ready" => "[green]ready[/]",
        "stale" or "unreached" => $"[red]{status}[/]",
        _ => $"[yellow]{Markup.Escape(status)}[/]",
    };
}
