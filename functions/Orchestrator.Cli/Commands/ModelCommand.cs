using System.CommandLine;
using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder;
using Orchestrator.Sharder.Checking;
using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary><c>model shard|check|publish|list</c>.</summary>
public static class ModelCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal) => new("model", "Cut, check, publish and list models.")
    {
        Shard(terminal),
        Check(terminal),
        Publish(terminal),
        List(terminal),
    };

    private static Command Shard(Terminal terminal)
    {
        var file = new Argument<FileInfo>("file") { Description = "ONNX file with a key/value cache" }.AcceptExistingOnly();
        var stages = new Option<int>("--stages", "-n") { Description = "Number of shards", DefaultValueFactory = _ => 4 };
        var name = new Option<string?>("--name") { Description = "Name clients will use; by default the file's name, or its folder's if that is 'model'" };
        var context = new Option<int?>("--context") { Description = "Most tokens of a session; the model's own by default" };
        var folder = new Option<DirectoryInfo>("--out") { Description = "Folder for shards and manifest", Required = true };
        var noVerify = new Option<bool>("--no-verify") { Description = "Skip comparing the chain with the whole model" };
        var output = ConnectionOptions.Output();
        var command = new Command("shard", "Cut an ONNX model into shards and prove that the chain computes the same bits.") { file, stages, name, context, folder, noVerify, output };
        command.SetAction(async (parsed, cancel) =>
        {
            var source = parsed.GetValue(file)!;
            var options = new ShardingOptions
            {
                Name = parsed.GetValue(name) ?? DefaultName(source),
                Stages = parsed.GetValue(stages),
                OutputFolder = parsed.GetValue(folder)!.FullName,
                ContextLength = parsed.GetValue(context),
                Verify = !parsed.GetValue(noVerify),
            };
            var result = await terminal.ProgressAsync($"sharding {source.Name} into {options.Stages}", () => new ModelSharder(new OnnxModelRuntime()).ShardAsync(source.FullName, options, cancel));
            if (parsed.GetValue(output) == OutputFormat.Json)
                terminal.WriteJson(new { manifest = result.ManifestDigest, path = result.ManifestPath, stages = result.Manifest.Stages, result.Cuts, result.Balance, verified = result.Check is not null });
            else
                terminal.Out.Write(ModelTables.Shards(result));
            terminal.Note($"[grey]publish it with: orchestrator model publish {Markup.Escape(options.OutputFolder)}[/]");
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Check(Terminal terminal)
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "Folder with a manifest and shards" }.AcceptExistingOnly();
        var whole = new Option<FileInfo?>("--model") { Description = "The uncut model to compare with, bit for bit" };
        var output = ConnectionOptions.Output();
        var command = new Command("check", "Check digests and names of a sharded model, and compare it with the uncut one.") { folder, whole, output };
        command.SetAction(async (parsed, cancel) =>
        {
            string folderPath = parsed.GetValue(folder)!.FullName;
            var original = parsed.GetValue(whole);
            if (original is { Exists: false })
                throw new CliException($"{original.FullName} does not exist", ExitCodes.Usage);
            var report = await terminal.ProgressAsync("checking", () => new ModelChecker(new OnnxModelRuntime()).CheckFolderAsync(folderPath, original?.FullName, cancel));
            if (parsed.GetValue(output) == OutputFormat.Json)
                terminal.WriteJson(report);
            else
                terminal.Out.Write(ModelTables.Check(report));
            return report.Passed ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }

    private static Command Publish(Terminal terminal)
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "Folder with a manifest and shards" }.AcceptExistingOnly();
        var chains = new Option<int>("--chains") { Description = "Complete chains on disjoint hosts to place; 0 only uploads", DefaultValueFactory = _ => 2 };
        var command = new Command("publish", "Upload the shards of a model that the network lacks, have it place them, and wait until it is ready. Repeat it after it broke off: it goes on where it was.") { folder, chains };
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var model = ShardedModel.Load(parsed.GetValue(folder)!.FullName);
            using var client = connection.Client(parsed);
            var publisher = new ModelPublisher(client, TimeProvider.System);
            int uploaded = await publisher.PublishAsync(model, step => terminal.Note($"[grey]{step}[/]"), cancel);
            int wanted = parsed.GetValue(chains);
            if (wanted > 0)
            {
                await terminal.ProgressAsync("placing and loading the shards", async () =>
                {
                    await publisher.PlaceAsync(model.Manifest.Name, wanted, nodes: wanted, cancel);
                    await publisher.WaitReadyAsync(model.Manifest.Name, wanted, cancel);
                    return 0;
                });
            }

            if (connection.Json(parsed))
                terminal.WriteJson(new { model = model.Manifest.Name, manifest = model.Digest, uploaded });
            else
                terminal.Out.WriteLine($"{model.Manifest.Name} {model.Digest}");
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command List(Terminal terminal)
    {
        var command = new Command("list", "List the models of a network.");
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var client = connection.Client(parsed);
            var models = (await client.GetAsync("v1/models", cancel))["data"]!.AsArray();
            if (connection.Json(parsed))
            {
                terminal.WriteJson(models);
                return ExitCodes.Success;
            }

            var table = new Table().Border(TableBorder.None).AddColumns("MODEL", "OWNED BY", "CREATED");
            foreach (var model in models)
                table.AddRow(Markup.Escape($"{model!["id"]}"), Markup.Escape($"{model["owned_by"]}"), $"{DateTimeOffset.FromUnixTimeSeconds(model["created"]!.GetValue<long>()):u}");
            terminal.Out.Write(table);
            return ExitCodes.Success;
        });
        return command;
    }

    private static string DefaultName(FileInfo file)
    {
        string name = Path.GetFileNameWithoutExtension(file.Name);
        if (name == "model" && file.Directory is { } folder)
            name = folder.Name;
        return name.ToLowerInvariant();
    }
}
