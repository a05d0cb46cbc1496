using System.Diagnostics;
using System.Text.Json.Nodes;
using Orchestrator.Local;
using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder;

namespace Orchestrator.Cli;

/// <summary>
/// The demo's steps: shard, start, publish, ask, compare, stop. Everything goes through the same programs and the same HTTP API
/// that users have.
/// </summary>
/// <param name="folder">Scratch folder of this run.</param>
/// <param name="view">Shows progress and text as it comes.</param>
public sealed class DemoRun(string folder, IDemoView view)
{
    private const int Stages = 4;
    private const int Chains = 2;
    private const int MaxTokens = 96;

    private readonly Dictionary<string, double> seconds = [];

    /// <summary>What is asked.</summary>
    public static IReadOnlyList<string> Questions { get; } =
    [
        "What is the capital of France?",
        "What is 27 plus 58?",
        "Reverse the word planet.",
    ];

    /// <summary>Runs the demo and stops everything it started.</summary>
    public async Task<DemoReport> RunAsync(CancellationToken cancel)
    {
        var starting = Timed("start", () => LocalNetwork.StartAsync(
            new LocalNetworkOptions { Folder = Path.Combine(folder, "network"), Nodes = Stages * Chains, Chains = Chains }, TimeProvider.System, cancel));
        ShardingResult sharding;
        try
        {
            view.Step($"cutting {BundledModel.Name} into {Stages} shards");
            sharding = await Timed("shard", () => new ModelSharder(new OnnxModelRuntime()).ShardAsync(
                BundledModel.Path, new ShardingOptions { Name = BundledModel.Name, Stages = Stages, OutputFolder = Path.Combine(folder, "model") }, cancel));
            view.Sharded(sharding);
            view.Step($"starting a sidecar, a control plane and {Stages * Chains} workers");
        }
        catch
        {
            await (await starting).DisposeAsync();
            throw;
        }

        await using var network = await starting;
        using var client = new ApiClient(new Connection(network.Endpoint, network.ApiKeyFile));
        view.Step("publishing the model and placing its shards");
        await Timed("publish", async () =>
        {
            var publisher = new ModelPublisher(client, TimeProvider.System);
            await publisher.PublishAsync(ShardedModel.Load(Path.Combine(folder, "model")), _ => { }, cancel);
            await publisher.PlaceAsync(BundledModel.Name, Chains, Stages * Chains, cancel);
            await HostBonds.MakeAsync(client, cancel);
            await publisher.WaitReadyAsync(BundledModel.Name, Chains, cancel);
            return true;
        });
        view.Started(network);

        long before = await AvailableAsync(client, cancel);
        using var uncut = await UncutModel.LoadAsync(BundledModel.Path, cancel);
        var questions = new List<DemoQuestion>();
        await Timed("ask", async () =>
        {
            foreach (string question in Questions)
                questions.Add(await AskAsync(network, client, uncut, question, cancel));
            return true;
        });
        var standings = (await client.NodesAsync(cancel)).ToDictionary(n => $"{n!["node"]}", n => n!["standing"]!);
        var report = Report(network, sharding, questions, standings, before, await AvailableAsync(client, cancel));
        view.Step("stopping everything");
        await Timed("stop", async () => { await network.DisposeAsync(); return true; });
        return report;
    }

    private async Task<DemoQuestion> AskAsync(LocalNetwork network, ApiClient client, UncutModel uncut, string question, CancellationToken cancel)
    {
        var request = RunCommand.Request(BundledModel.Name, null, question);
        request["temperature"] = 0;
        request["max_completion_tokens"] = MaxTokens;
        view.Asking(question);
        var answer = await ChatStream.RunAsync(client, request, view.Text, cancel);
        var (text, tokens) = uncut.Answer(question, MaxTokens);
        var result = DemoQuestions.From(network, question, answer, text, tokens);
        view.Answered(result);
        return result;
    }

    private DemoReport Report(LocalNetwork network, ShardingResult sharding, IReadOnlyList<DemoQuestion> questions, IReadOnlyDictionary<string, JsonNode> standings, long before, long after)
    {
        var earned = questions.SelectMany(q => q.Chains).SelectMany(c => c.Stages).GroupBy(s => s.Node).ToDictionary(g => g.Key, g => g.Sum(s => s.Earned));
        long paid = earned.Values.Sum(), charged = questions.Sum(q => q.Charged);
        var ledger = new DemoLedger(before, after, paid, charged - paid, before - after == charged && paid <= charged);
        var manifest = sharding.Manifest;
        return new DemoReport(
            questions.All(q => q.Equal && q.ChainsAgreed >= Chains) && ledger.Balanced,
            new DemoModel(manifest.Name, sharding.ManifestDigest, manifest.ParameterCount, manifest.LayerCount,
                [.. manifest.Stages.Select(s => new DemoShard(s.Stage, s.Layers, s.Bytes, s.ParameterCount, s.BytesPerToken, s.Blob))]),
            [.. network.Plan.Nodes.Select(n => new DemoNode(
                n.Name, n.Id, n.Host, network.Processes.Running[n.Name], earned.GetValueOrDefault(n.Id),
                standings[n.Id.Value]["bonded"]!.GetValue<long>(), standings[n.Id.Value]["score"]!.GetValue<double>()))],
            questions,
            ledger,
            seconds);
    }

    private static async Task<long> AvailableAsync(ApiClient client, CancellationToken cancel) =>
        (await client.GetAsync("api/account", cancel))["available"]!.GetValue<long>();

    private async Task<T> Timed<T>(string phase, Func<Task<T>> work)
    {
        long start = Stopwatch.GetTimestamp();
        var result = await work();
        seconds[phase] = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 3);
        return result;
    }
}
