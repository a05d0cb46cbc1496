using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary><c>disputes list|show</c>: who challenged whose receipt, and how it ended.</summary>
public static class DisputesCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal) => new("disputes", "List and show disputes about receipts.") { List(terminal), Show(terminal) };

    private static Command List(Terminal terminal)
    {
        var command = new Command("list", "List disputes, newest first.");
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var client = connection.Client(parsed);
            var disputes = (await client.GetAsync("api/disputes", cancel))["disputes"]!.AsArray();
            if (connection.Json(parsed))
            {
                terminal.WriteJson(disputes);
                return ExitCodes.Success;
            }

            var table = new Table().Border(TableBorder.None).AddColumns("DISPUTE", "JOB", "STAGE", "DEFENDER", "CHALLENGER", "PHASE", "OUTCOME", "LOSER", "OPENED");
            foreach (var dispute in disputes.Select(d => d!))
            {
                table.AddRow(
                    Markup.Escape($"{dispute["dispute"]}"),
                    Markup.Escape($"{dispute["job"]}"),
                    $"{dispute["stage"]}",
                    JobDetails.Short(dispute["defender"]),
                    JobDetails.Short(dispute["challenger"]),
                    Markup.Escape($"{dispute["phase"]}"),
                    Markup.Escape($"{dispute["outcome"]}"),
                    JobDetails.Short(dispute["loser"]),
                    Markup.Escape(JobDetails.When(dispute["opened_at"]) ?? ""));
            }

            terminal.Out.Write(table);
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Show(Terminal terminal)
    {
        var id = new Argument<string>("dispute") { Description = "Dispute id" };
        var command = new Command("show", "Show one dispute: how far it is narrowed down, what decided it, who lost.") { id };
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var client = connection.Client(parsed);
            var dispute = await client.GetAsync($"api/disputes/{Uri.EscapeDataString(parsed.GetValue(id)!)}", cancel);
            if (connection.Json(parsed))
                terminal.WriteJson(dispute);
            else
                Facts(dispute).Write(terminal.Out);
            return ExitCodes.Success;
        });
        return command;
    }

    private static Facts Facts(JsonNode dispute) => new Facts()
        .Add("dispute", $"{dispute["dispute"]}")
        .Add("job", $"{dispute["job"]}")
        .Add("about", $"stage {dispute["stage"]} of chain {dispute["chain"]}, choice {dispute["choice"]}" + (dispute["chunk"] is { } chunk ? $", chunk {chunk}" : ""))
        .Add("defender", $"{dispute["defender"]}")
        .Add("challenger", $"{dispute["challenger"]}")
        .Add("opened", JobDetails.When(dispute["opened_at"]))
        .Add("phase", $"{dispute["phase"]}" + (dispute["deadline"] is { } deadline ? $", until {JobDetails.When(deadline)}" : ""))
        .Add("narrowed", $"{dispute["agreed_steps"]} operators agreed in {dispute["rounds"]} rounds")
        .Mark("outcome", dispute["outcome"] is { } outcome ? $"[bold]{Markup.Escape($"{outcome}")}[/] on the ground of {Markup.Escape($"{dispute["ground"]}")}" : null)
        .Mark("loser", dispute["loser"] is { } loser ? $"[red]{Markup.Escape($"{loser}")}[/]" + (dispute["fault"] is { } fault ? Markup.Escape($", slashed for {fault}") : "") : null)
        .Add("reason", $"{dispute["reason"]}");
}
