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
            var nodes = (await client.GetAsync("api/nodes", cancel))["nodes"]!.AsArray();
            if (connection.Json(parsed))
            {
                terminal.WriteJson(nodes);
                return ExitCodes.Success;
            }

            var table = new Table().Border(TableBorder.None).AddColumns("NODE", "HOST", "STATUS", "STAGES", "SESSIONS", "JOBS", "EARNED", "LAST SEEN");
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
                    $"{node["last_seen"]!.GetValue<DateTimeOffset>():HH:mm:ss}");
            }

            terminal.Out.Write(table);
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Show(Terminal terminal)
    {
        var id = new Argument<string>("node") { Description = "Node id" };
        var command = new Command("show", "Show one node.") { id };
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            if (!NodeId.TryParse(parsed.GetValue(id), out var node))
                throw new CliException($"a node id has {NodeId.Length} characters a-z and 2-7: see 'orchestrator nodes list'", ExitCodes.Usage);
            using var client = connection.Client(parsed);
            var found = await client.GetAsync($"api/nodes/{node}", cancel);
            if (connection.Json(parsed))
                terminal.WriteJson(found);
            else
                terminal.Out.Write(Details.Of(found.AsObject()));
            return ExitCodes.Success;
        });
        return command;
    }

    private static string Stages(JsonNode node) =>
        string.Join(' ', node["shards"]!.AsArray().Select(s => $"{s!["stage"]}{($"{s["state"]}" is "ready" ? "" : $"({s["state"]})")}"));

    private static string Status(string status) => status switch
    {
        "ready" => "[green]ready[/]",
        "stale" => "[red]stale[/]",
        _ => $"[yellow]{Markup.Escape(status)}[/]",
    };
}
