using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Contracts;
using Orchestrator.Core.Disputes;
using Orchestrator.Verification;
using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary><c>disputes list|show|open</c>: who challenged whose receipt, and how it ended.</summary>
public static class DisputesCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal) => new("disputes", "List, show and open disputes about receipts.") { List(terminal), Show(terminal), Open(terminal) };

    /// <summary>The command line that challenges a stage for one chunk.</summary>
    /// <param name="bundle">Its evidence.</param>
    /// <param name="subject">What is wrong.</param>
    /// <param name="chunk">The first chunk in which it is.</param>
    /// <param name="output">What the chunk should have put out, or has put out when its draws are wrong.</param>
    /// <param name="node">The node that answers for the challenge; null when it is not known.</param>
    public static string CommandLine(EvidenceBundle bundle, DisputeSubject subject, int chunk, Digest output, string? node) =>
        $"orchestrator disputes open {bundle.Head.Job} --session {bundle.Receipt.Session} --stage {bundle.Head.Stage} --choice {bundle.Head.Choice}"
        + $"{(subject == DisputeSubject.Draws ? " --subject draws" : "")} --claim {chunk}={output} --node {node ?? "YOUR_NODE"}";

    /// <summary>A subject as the API writes it.</summary>
    public static string Word(DisputeSubject subject) => subject == DisputeSubject.Draws ? "draws" : "outputs";

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

            var table = new Table().Border(TableBorder.None).AddColumns("DISPUTE", "JOB", "STAGE", "DEFENDER", "CHALLENGER", "STATE", "LOSER", "OPENED");
            foreach (var dispute in disputes.Select(d => d!))
            {
                table.AddRow(
                    Markup.Escape($"{dispute["dispute"]}"),
                    Markup.Escape($"{dispute["job"]}"),
                    $"{dispute["stage"]}",
                    JobDetails.Short(dispute["defender"]),
                    JobDetails.Short(dispute["challenger"]),
                    dispute["outcome"] is { } outcome ? Markup.Escape($"{outcome}") : $"[yellow]open: {Markup.Escape($"{dispute["phase"]}")}[/]",
                    JobDetails.Short(dispute["loser"]),
                    Markup.Escape(JobDetails.When(dispute["opened_at"]) ?? ""));
            }

            terminal.Out.Write(table);
            if (disputes.Count == 0)
                terminal.Note("[grey]nobody has challenged a receipt[/]");
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

    private static Command Open(Terminal terminal)
    {
        var job = new Argument<string>("job") { Description = "Job id" };
        var session = new Option<string>("--session") { Description = "Session of the challenged chain", Required = true };
        var stage = new Option<int>("--stage") { Description = "The challenged stage", Required = true };
        var choice = new Option<int>("--choice") { Description = "Completion, from 0 on", DefaultValueFactory = _ => 0 };
        var claims = new Option<string[]>("--claim") { Description = "CHUNK=SHA256: what a chunk should have put out; of draws, what the receipt says it put out", Required = true };
        var subject = new Option<DisputeSubject>("--subject") { Description = "What is wrong: a stage's outputs, or the draws of the last one", DefaultValueFactory = _ => DisputeSubject.Outputs };
        var node = new Option<string>("--node") { Description = "Your node with a bonded stake, which answers for the challenge", Required = true };
        var command = new Command("open", "Challenge a stage of a provisional answer, with a bond that is lost when the receipt is upheld. 'receipts replay' prints this command.") { job, session, stage, choice, subject, claims, node };
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var request = new JsonObject
            {
                ["job"] = JobsCommand.Parse(parsed.GetValue(job)).Value,
                ["session"] = parsed.GetValue(session),
                ["stage"] = parsed.GetValue(stage),
                ["choice"] = parsed.GetValue(choice),
                ["node"] = parsed.GetValue(node),
                ["subject"] = Word(parsed.GetValue(subject)),
                ["claims"] = new JsonArray([.. parsed.GetValue(claims)!.Select(Claim)]),
            };
            using var client = connection.Client(parsed);
            var challenge = await client.PostAsync("api/disputes", request, cancel);
            if (connection.Json(parsed))
                terminal.WriteJson(challenge);
            else
                terminal.WriteRaw($"{challenge["dispute"]}\n");
            terminal.Note($"[grey]{challenge["bond"]} micro-credits are set aside; follow it with: orchestrator disputes show {Markup.Escape($"{challenge["dispute"]}")}[/]");
            return ExitCodes.Success;
        });
        return command;
    }

    private static JsonObject Claim(string text)
    {
        string[] parts = text.Split('=');
        return parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int chunk) && Digest.TryParse(parts[1], out var output)
            ? new JsonObject { ["chunk"] = chunk, ["output"] = output.Value }
            : throw new CliException($"--claim must be CHUNK=SHA256 in lower-case hex, not '{text}'", ExitCodes.Usage);
    }

    private static Facts Facts(JsonNode dispute) => new Facts()
        .Add("dispute", $"{dispute["dispute"]}")
        .Add("job", $"{dispute["job"]}")
        .Add("about", $"{dispute["subject"]} of stage {dispute["stage"]} of chain {dispute["chain"]}, choice {dispute["choice"]}" + (dispute["chunk"] is { } chunk ? $", chunk {chunk}" : ""))
        .Add("defender", $"{dispute["defender"]}")
        .Add("challenger", $"{dispute["challenger"]}")
        .Add("opened", JobDetails.When(dispute["opened_at"]))
        .Add("phase", $"{dispute["phase"]}" + (dispute["deadline"] is { } deadline ? $", until {JobDetails.When(deadline)}" : ""))
        .Add("narrowed", $"past {dispute["agreed_steps"]} operators that both agree on, rounds of questions: {dispute["rounds"]}")
        .Mark("outcome", dispute["outcome"] is { } outcome ? $"[bold]{Markup.Escape($"{outcome}")}[/], ground: {Markup.Escape($"{dispute["ground"]}")}" : null)
        .Mark("loser", dispute["loser"] is { } loser ? $"[red]{Markup.Escape($"{loser}")}[/]" + (dispute["fault"] is { } fault ? Markup.Escape($", slashed for {fault}") : "") : null)
        .Add("reason", $"{dispute["reason"]}");
}
