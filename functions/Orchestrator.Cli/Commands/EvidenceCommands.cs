using System.CommandLine;
using Orchestrator.Contracts;
using Orchestrator.Onnx.Execution;
using Orchestrator.Verification;
using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary><c>receipts open|evidence|replay</c>: which answers can be looked at, what a stage received and committed to, and whether it comes out again.</summary>
public static class EvidenceCommands
{
    /// <summary><c>receipts open</c>.</summary>
    public static Command Open(Terminal terminal)
    {
        var node = new Option<string>("--node") { Description = "Your node with a bonded stake", Required = true };
        var command = new Command("open", "List the answers whose evidence is public and that can still be challenged, those that end first at the front.") { node };
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var id = NodesCommand.Parse(parsed.GetValue(node));
            using var client = connection.Client(parsed);
            var answers = (await client.GetAsync($"api/evidence?node={id}", cancel))["answers"]!.AsArray();
            if (connection.Json(parsed))
            {
                terminal.WriteJson(answers);
                return ExitCodes.Success;
            }

            var table = new Table().Border(TableBorder.None).AddColumns("JOB", "MODEL", "OPEN UNTIL", "CHAINS", "STAGES", "AUDIT");
            foreach (var answer in answers.Select(a => a!))
            {
                var chains = answer["chains"]!.AsArray();
                table.AddRow(
                    Markup.Escape($"{answer["job"]}"),
                    Markup.Escape($"{answer["model"]}"),
                    Markup.Escape(JobDetails.When(answer["open_until"]) ?? "its audits end"),
                    $"{chains.Count}",
                    $"{chains[0]!["nodes"]!.AsArray().Count}",
                    answer["audit_running"]!.GetValue<bool>() ? "[yellow]running[/]" : "");
            }

            terminal.Out.Write(table);
            terminal.Note($"[grey]run a stage of one again with: orchestrator receipts replay JOB --stage N --node {id} --shards DIR[/]");
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary><c>receipts evidence</c>.</summary>
    public static Command Evidence(Terminal terminal)
    {
        var job = new Argument<string>("job") { Description = "Job id" };
        var (stage, choice, node) = (Stage(required: true), Choice(), Node());
        var save = new Option<FileInfo?>("--out") { Description = "File to write; JOB.stageN.evidence by default" };
        var command = new Command(
            "evidence", "Fetch what a stage received and committed to, and check it against the receipt. For the job's owner, and with --node for who may challenge a job whose request said evidence public.")
        {
            job, stage, choice, node, save,
        };
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var download = new EvidenceDownload(JobsCommand.Parse(parsed.GetValue(job)), parsed.GetValue(stage)!.Value, parsed.GetValue(choice), parsed.GetValue(node));
            string path = parsed.GetValue(save)?.FullName ?? Path.GetFullPath($"{download.Job}.stage{download.Stage}.evidence");
            using var client = connection.Client(parsed);
            var bundle = await download.SaveAsync(client, path, cancel);
            if (connection.Json(parsed))
            {
                terminal.WriteJson(new
                {
                    File = path,
                    Job = $"{download.Job}",
                    Session = $"{bundle.Receipt.Session}",
                    download.Stage,
                    download.Choice,
                    Node = $"{bundle.Receipt.Node}",
                    Class = Words(bundle.Receipt.Class),
                    bundle.Committed.Tokens,
                    Chunks = bundle.Chunks.Count,
                });
            }
            else
            {
                terminal.WriteRaw($"{path}\n");
            }

            terminal.Note($"[grey]it fits the receipt of {bundle.Receipt.Node.Short}; run it again with: orchestrator receipts replay {Markup.Escape(path)} --shards DIR[/]");
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary><c>receipts replay</c>.</summary>
    public static Command Replay(Terminal terminal)
    {
        var subject = new Argument<string>("file|job") { Description = "Evidence file, or a job id with --stage" };
        var shards = new Option<DirectoryInfo>("--shards") { Description = "Folder with the model's shards: as 'model shard' wrote them, or a worker's blob cache", Required = true };
        var (stage, choice, node) = (Stage(required: false), Choice(), Node());
        var command = new Command(
            "replay", "Run a stage again from its evidence and compare: bit by bit in the receipt's class, by fingerprint in another; of the last stage the draws too. Exit code 3 when it differs; then it prints how to challenge.")
        {
            subject, shards, stage, choice, node,
        };
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            string path = parsed.GetValue(subject)!;
            string? scratch = null;
            try
            {
                if (!File.Exists(path))
                {
                    var download = new EvidenceDownload(
                        JobId.TryParse(path, out var job) ? job : throw new CliException($"{path} is neither an evidence file nor a job id", ExitCodes.Usage),
                        parsed.GetValue(stage) ?? throw new CliException("a job has many stages: say which with --stage", ExitCodes.Usage), parsed.GetValue(choice), parsed.GetValue(node));
                    using var client = connection.Client(parsed);
                    await download.SaveAsync(client, path = scratch = Path.GetTempFileName(), cancel);
                }

                await using var file = File.OpenRead(path);
                return await ReplayAsync(terminal, file, parsed.GetValue(shards)!.FullName, parsed.GetValue(node), connection.Json(parsed), cancel);
            }
            finally
            {
                if (scratch is not null)
                    File.Delete(scratch);
            }
        });
        return command;
    }

    private static async Task<int> ReplayAsync(Terminal terminal, FileStream file, string shards, string? node, bool json, CancellationToken cancel)
    {
        var bundle = EvidenceBundle.Read(file);
        string shard = LocalShard.Find(shards, bundle.Model.Stages[bundle.Head.Stage]);
        var loader = new OnnxStageLoader();
        using var engine = await loader.LoadAsync(shard, bundle.Model, bundle.Head.Stage, cancel);
        var replay = new EvidenceReplay(bundle, engine, loader.Class);
        var finding = await terminal.ProgressAsync($"running {bundle.Committed.Tokens} tokens of stage {bundle.Head.Stage} again", () => Task.Run(() => replay.Run(file, cancel), cancel));
        string? challenge = finding.Output is { } claimed ? DisputesCommand.CommandLine(bundle, finding.Subject!.Value, finding.Chunk!.Value, claimed, node) : null;
        if (json)
        {
            terminal.WriteJson(new
            {
                Agrees = finding.Difference is null,
                replay.Exact,
                Stage = bundle.Head.Stage,
                Class = Words(loader.Class),
                ReceiptClass = Words(bundle.Receipt.Class),
                replay.Draws,
                Subject = finding.Subject is { } subject ? DisputesCommand.Word(subject) : null,
                finding.Chunk,
                finding.Difference,
                Output = finding.Output?.Value,
                Challenge = challenge,
            });
        }
        else
        {
            Write(terminal, bundle, replay, finding, challenge, loader.Class);
        }

        return finding.Difference is null ? ExitCodes.Success : ExitCodes.Differs;
    }

    private static void Write(Terminal terminal, EvidenceBundle bundle, EvidenceReplay replay, ReplayFinding finding, string? challenge, ExecutionClass own)
    {
        string how = replay.Exact ? "every bit" : $"within tolerance, by fingerprints of {Words(own)} against {Words(bundle.Receipt.Class)}";
        if (finding.Chunk is not { } wrong)
        {
            bool last = bundle.Head.Stage == bundle.Model.Stages.Count - 1;
            terminal.Out.MarkupLineInterpolated($"[green]agrees[/]: {bundle.Chunks.Count} chunks of stage {bundle.Head.Stage}, {how}.{(replay.Draws ? " All draws follow from them." : last ? " Draws are not repeated: the file does not say how they had to be made." : "")}");
            return;
        }

        var chunk = ChunkPlan.At(bundle.Result.PromptTokens, bundle.Committed.Tokens, wrong);
        terminal.Out.MarkupLineInterpolated($"[red]differs[/] at chunk {wrong}, tokens {chunk.Start} to {chunk.Start + chunk.Tokens - 1}, of stage {bundle.Head.Stage}, run by {bundle.Receipt.Node}: {finding.Difference}");
        if (challenge is null)
            terminal.Out.MarkupLineInterpolated($"Only a node of class {Words(bundle.Receipt.Class)} can challenge it: replay it there.");
        else
            terminal.WriteRaw($"challenge it with:\n  {challenge}\n");
    }

    private static string Words(ExecutionClass one) => $"{one.Runtime} {one.Provider} {one.Optimization} {one.Instructions}";

    private static Option<int?> Stage(bool required)
    {
        var option = new Option<int?>("--stage") { Description = "Stage, from 0 on", Required = required };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 0)
                result.AddError("--stage must be 0 or more");
        });
        return option;
    }

    private static Option<int> Choice()
    {
        var option = new Option<int>("--choice") { Description = "Completion, from 0 on", DefaultValueFactory = _ => 0 };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 0)
                result.AddError("--choice must be 0 or more");
        });
        return option;
    }

    private static Option<string?> Node() => new("--node") { Description = "Your node with a bonded stake, when the job is another's" };
}
