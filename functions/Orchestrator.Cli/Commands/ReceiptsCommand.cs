using System.CommandLine;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.Verification;
using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary><c>receipts show|verify|open|evidence|replay</c>: who signed what for a job, and whether it comes out again.</summary>
public static class ReceiptsCommand
{
    private const int MaxBytes = 64 << 20;

    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal) => new("receipts", "Show and verify what nodes signed for a job, and run their stages again.")
    {
        Show(terminal),
        Verify(terminal),
        EvidenceCommands.Open(terminal),
        EvidenceCommands.Evidence(terminal),
        EvidenceCommands.Replay(terminal),
    };

    private static Command Show(Terminal terminal)
    {
        var id = new Argument<string>("job") { Description = "Job id" };
        var save = new Option<FileInfo?>("--save") { Description = "Also write the document to this file, for 'receipts verify'" };
        var command = new Command("show", "Show the receipts of a job whose chains have agreed.") { id, save };
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var job = JobsCommand.Parse(parsed.GetValue(id));
            using var client = connection.Client(parsed);
            var answer = await client.GetAsync($"api/jobs/{job}/receipts", cancel);
            if (parsed.GetValue(save) is { } file)
            {
                await File.WriteAllTextAsync(file.FullName, answer.ToJsonString(), cancel);
                terminal.Note($"[grey]verify it with: orchestrator receipts verify {Markup.Escape(file.FullName)}[/]");
            }

            if (connection.Json(parsed))
            {
                terminal.WriteJson(answer);
                return ExitCodes.Success;
            }

            var document = answer.Deserialize(ContractsJson.Default.ReceiptsDocument)!;
            var table = new Table().Border(TableBorder.None).AddColumns("CHAIN", "STAGE", "NODE", "LAYERS", "TOKENS", "CHUNKS", "INPUT", "OUTPUT", "COMPUTE", "SIGNED");
            foreach (var message in document.Results)
                Add(table, message);
            terminal.Out.Write(table);
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Verify(Terminal terminal)
    {
        var path = new Argument<FileInfo>("file") { Description = "Document that 'receipts show --save' wrote" }.AcceptExistingOnly();
        var key = new Option<string?>("--platform-key") { Description = "The platform's public key, 64 hex digits, as your nodes have it; else the document's word is taken for it" };
        key.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && !PublicKeyText.TryParse(text, out _))
                result.AddError($"--platform-key {PublicKeyText.Fix}");
        });
        var output = ConnectionOptions.Output();
        var command = new Command("verify", "Check a receipts document offline: signatures, links, draws, input, and the lottery of its audits. Exit code 1 when something is broken.") { path, key, output };
        command.SetAction(parsed =>
        {
            var file = parsed.GetValue(path)!;
            var document = Load(file);
            var report = ReceiptVerifier.Verify(document);
            if (report.Problem is null)
                report = WithLottery(report, LotteryCheck.Findings(document, parsed.GetValue(key)?.ToLowerInvariant()));
            if (parsed.GetValue(output) == OutputFormat.Json)
                terminal.WriteJson(report);
            else
                Write(terminal, report);
            if (report.Holds)
                return ExitCodes.Success;
            int broken = report.Chains.SelectMany(c => c.Findings).Concat(report.Lottery).Count(f => f.Outcome == FindingOutcome.Broken);
            string what = report.Problem is null ? $"{broken} of its checks {(broken == 1 ? "is" : "are")} broken" : "it cannot be checked";
            throw new CliException($"{file.FullName} does not hold: {what}. Fetch it again with 'orchestrator receipts show {document.Job} --save {file.FullName}'; if that does not hold either, its signers are to blame");
        });
        return command;
    }

    private static ReceiptsReport WithLottery(ReceiptsReport report, IReadOnlyList<ReceiptFinding> lottery) =>
        report with { Holds = report.Holds && lottery.All(f => f.Outcome != FindingOutcome.Broken), Lottery = lottery };

    private static ReceiptsDocument Load(FileInfo file)
    {
        if (file.Length > MaxBytes)
            throw new CliException($"{file.FullName} is larger than any receipts document");
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file.FullName), ContractsJson.Default.ReceiptsDocument)
                ?? throw new CliException($"{file.FullName} holds no receipts");
        }
        catch (JsonException e)
        {
            throw new CliException($"{file.FullName} is not a receipts document: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private static void Add(Table table, SignedMessage message)
    {
        if (!MessageSigning.TryOpen(message, MessageTypes.ChainResult, ContractsJson.Default.ChainResult, out var result, out string? error))
        {
            table.AddRow("[red]?[/]", "", "", "", "", "", Markup.Escape(error ?? ""));
            return;
        }

        foreach (var signed in result.Receipts)
        {
            if (!MessageSigning.TryOpen(signed, MessageTypes.Receipt, ContractsJson.Default.Receipt, out var receipt, out error))
            {
                table.AddRow($"{result.Chain}", "[red]?[/]", "", "", "", "", Markup.Escape(error ?? ""));
                continue;
            }

            foreach (var choice in receipt.Choices)
            {
                table.AddRow(
                    $"{result.Chain}", $"{receipt.Stage}", receipt.Node.Short, $"{receipt.Layers.Start}-{receipt.Layers.End - 1}", $"{choice.Tokens}", $"{choice.Chunks}",
                    choice.Input.Short, choice.Output.Short, $"{receipt.ComputeMicroseconds / 1000.0:F1} ms", $"{receipt.IssuedAt:u}");
            }
        }
    }

    private static void Write(Terminal terminal, ReceiptsReport report)
    {
        if (report.Problem is { } problem)
            terminal.Out.MarkupLineInterpolated($"[red]cannot be checked[/]: {problem}");
        var table = new Table().Border(TableBorder.None).AddColumns("CHAIN", "CHECK", "RESULT", "");
        var findings = report.Chains.SelectMany(c => c.Findings.Select(f => (Chain: $"{c.Chain}", f))).Concat(report.Lottery.Select(f => (Chain: "all", f)));
        foreach (var (chain, finding) in findings)
        {
            string mark = finding.Outcome switch { FindingOutcome.Holds => "[green]holds[/]", FindingOutcome.Broken => "[red]broken[/]", _ => "[yellow]unknown[/]" };
            table.AddRow(chain, Markup.Escape(finding.Subject), mark, Markup.Escape(finding.Message));
        }

        if (table.Rows.Count > 0)
            terminal.Out.Write(table);
        if (report.Problem is null)
            terminal.Out.MarkupLine(report.Holds ? "[green]Nothing is broken.[/] That a receipt is signed does not make it right: an audit or a second chain does." : "[red]Somebody signed what cannot be, or somebody else has changed it since.[/]");
    }
}
