using System.Diagnostics;
using System.Text.Json.Nodes;
using Orchestrator.Local;

namespace Orchestrator.Cli;

/// <summary>
/// Has nodes of a network of processes cheat, one after another, and asks it questions over HTTP until the cheater has had a part in a job; then looks what became of answer,
/// money and stake. One job at a time, so that everything that happens has one cause.
/// </summary>
/// <param name="network">The network.</param>
/// <param name="uncut">Knows the right answers.</param>
/// <param name="step">Told what goes on.</param>
public sealed class NetworkDrill(DrillNetwork network, UncutModel uncut, Action<string> step)
{
    private const int MaxTokens = 48;

    /// <summary>A cheater among six nodes of a stage is in a chain of one of so many jobs, but for one time in ten thousand.</summary>
    private const int MostJobs = 50;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly string[] Questions = ["What is the capital of France?", "Count from 3 to 20.", "What is 27 plus 58?"];

    private readonly HashSet<LocalNode> punished = [];
    private int asked;

    /// <summary>Runs the scenarios in turn.</summary>
    public async Task<NetworkDrillReport> RunAsync(IReadOnlyList<NetworkScenario> scenarios, CancellationToken cancel)
    {
        long began = Stopwatch.GetTimestamp();
        List<NetworkDrillRow> rows = [];
        foreach (var scenario in scenarios)
        {
            rows.Add(await RunAsync(scenario, cancel));
            step($"{scenario.Cheat} at {scenario.Assurance}: {(rows[^1].Problems.Count == 0 ? "as it has to be" : string.Join(' ', rows[^1].Problems))}");
        }

        List<string> problems = [.. await HonestAsync(cancel)];
        var balance = await network.Client.GetAsync("api/ledger/balance", cancel);
        string line = BalanceCommand.Line(balance);
        if (!(bool)balance["closes"]!)
            problems.Add($"The books do not close: {line}.");
        return new(
            problems.Count == 0 && rows.All(r => r.Problems.Count == 0), network.Processes.Plan.Nodes.Count, rows, line, problems, Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 1));
    }

    private async Task<NetworkDrillRow> RunAsync(NetworkScenario scenario, CancellationToken cancel)
    {
        var cheater = scenario.Cheat == NetworkScenario.Nobody ? null : Cheater(scenario);
        Tally tally = new();
        List<string> problems = [];
        JsonNode? slash = null;
        try
        {
            bool over = false;
            while (!over && tally.Jobs < MostJobs)
            {
                if (cheater is not null)
                    DrillNetwork.Order(cheater, scenario.Cheat);
                long before = await AvailableAsync(cancel);
                var (job, right) = await AskAsync(scenario.Assurance, cancel);
                Judge(scenario, job, right, before - await AvailableAsync(cancel), tally, problems);
                slash = cheater is null ? null : await SlashAsync(scenario, cheater, mustCome: !scenario.Audits && TookPart(job, cheater), cancel);
                over = problems.Count > 0 || (scenario.Fault is not null ? slash is not null : cheater is null || Repeated(job));
            }

            if (!over)
                problems.Add($"{tally.Jobs} jobs did not show the cheat.");
        }
        catch (TimeoutException e)
        {
            problems.Add(e.Message);
        }
        finally
        {
            if (cheater is not null)
                DrillNetwork.Order(cheater, null);
        }

        if (slash is not null)
            punished.Add(cheater!);
        var dispute = slash is null ? null : await ProvenAsync(scenario, cheater!, slash, problems, cancel);
        return new(
            scenario.Cheat, scenario.Assurance, cheater?.Name, cheater is null ? null : StageOf(scenario), tally.Jobs, tally.Right, tally.Overturned,
            (string?)slash?["fault"], slash?["evidence"]!.AsArray().Count ?? 0, $"{dispute?["ground"] ?? slash?["note"]}" is { Length: > 0 } proof ? proof : null,
            (long?)dispute?["agreed_steps"], (int?)dispute?["rounds"], problems);
    }

    private static int StageOf(NetworkScenario scenario) => scenario.AtEdge ? 0 : DrillNetwork.Stages - 1;

    /// <summary>A node that was never slashed.</summary>
    private LocalNode Cheater(NetworkScenario scenario) => network.HoldersOf(StageOf(scenario)).FirstOrDefault(n => !punished.Contains(n))
        ?? throw new CliException($"no node is left to drill {scenario.Cheat} at {scenario.Assurance}: use more --nodes");

    private async Task<(JsonNode Job, bool Right)> AskAsync(string assurance, CancellationToken cancel)
    {
        string question = Questions[asked++ % Questions.Length];
        var request = RunCommand.Request(BundledModel.Name, null, question);
        request["temperature"] = 0;
        request["max_completion_tokens"] = MaxTokens;
        request["orchestrator"] = new JsonObject { ["assurance"] = assurance };
        string id = $"{(await network.Client.PostAsync("api/jobs", request, cancel))["job"]}";
        var job = await UntilAsync($"an end of {id}", () => network.Client.GetAsync($"api/jobs/{id}", cancel), j => $"{j["status"]}" is "completed" or "overturned" or "failed" or "cancelled", cancel);
        return (job, $"{job["choices"]?[0]?["text"]}" == uncut.Answer(question, MaxTokens).Text);
    }

    private static void Judge(NetworkScenario scenario, JsonNode job, bool right, long paid, Tally tally, List<string> problems)
    {
        tally.Jobs++;
        switch ($"{job["status"]}")
        {
            case "completed" when right && paid == (long?)job["charged"]:
                tally.Right++;
                break;
            case "overturned" when !scenario.Delivers && paid == 0:
                tally.Overturned++;
                break;
            case "completed" when !right:
                problems.Add($"{job["job"]} has a wrong answer that counts.");
                break;
            default:
                problems.Add($"{job["job"]} is {job["status"]}, and the developer paid {paid} of {job["charged"] ?? "nothing"}: {job["failure"]?["message"]}");
                break;
        }
    }

    /// <summary>The cheater's slash; waits for it when the job that it had a part in must lead to one.</summary>
    private async Task<JsonNode?> SlashAsync(NetworkScenario scenario, LocalNode cheater, bool mustCome, CancellationToken cancel)
    {
        Task<JsonArray> Slashes() => SlashesAsync(cheater, cancel);
        var found = mustCome && scenario.Fault is not null
            ? await UntilAsync($"a slash of {cheater.Name} for {scenario.Fault}", Slashes, s => s.Count > 0, cancel)
            : await Slashes();
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>Whether a node is in a chain of the job.</summary>
    private static bool TookPart(JsonNode job, LocalNode node) => job["chains"]!.AsArray().Any(c => c!["nodes"]!.AsArray().Any(n => $"{n}" == node.Id.Value));

    /// <summary>A chain was given up and another took its place.</summary>
    private static bool Repeated(JsonNode job) => job["chains"]!.AsArray().Any(c => (int)c!["attempt"]! > 0);

    /// <summary>The dispute that the slash names; null when it was proven otherwise.</summary>
    private async Task<JsonNode?> ProvenAsync(NetworkScenario scenario, LocalNode cheater, JsonNode slash, List<string> problems, CancellationToken cancel)
    {
        if ($"{slash["fault"]}" != scenario.Fault)
            problems.Add($"{cheater.Name} was slashed for {slash["fault"]}, not for {scenario.Fault}: {slash["note"]}");
        var evidence = slash["evidence"]!.AsArray().Select(e => $"{e}").ToList();
        if (evidence.Count == 0)
            problems.Add("The slash names no evidence.");
        foreach (string blob in evidence)
        {
            using var served = await network.Client.OpenAsync(HttpMethod.Get, $"api/blobs/{blob}", null, cancel);
        }

        var disputes = (await network.Client.GetAsync("api/disputes", cancel))["disputes"]!.AsArray();
        var dispute = disputes.FirstOrDefault(d => $"{d!["dispute"]}" == $"{slash["dispute"]}");
        if (scenario.Disputed && ($"{dispute?["loser"]}" != cheater.Id.Value || $"{dispute?["ground"]}" != "judged"))
            problems.Add($"No referee's verdict in a dispute is the proof: {dispute?["reason"] ?? slash["note"]}");
        return dispute;
    }

    /// <summary>Whoever was not to be slashed was not, and nobody was slashed twice.</summary>
    private async Task<IReadOnlyList<string>> HonestAsync(CancellationToken cancel)
    {
        List<string> problems = [];
        foreach (var node in network.Processes.Plan.Workers)
        {
            int slashes = (await SlashesAsync(node, cancel)).Count, expected = punished.Contains(node) ? 1 : 0;
            if (slashes != expected)
                problems.Add($"{node.Name} was slashed {slashes} times, not {expected}.");
        }

        return problems;
    }

    private async Task<JsonArray> SlashesAsync(LocalNode node, CancellationToken cancel) =>
        (await network.Client.GetAsync($"api/nodes/{node.Id}", cancel))["trust"]!["slashes"]!.AsArray();

    private async Task<long> AvailableAsync(CancellationToken cancel) => (long)(await network.Client.GetAsync("api/account", cancel))["available"]!;

    private static async Task<T> UntilAsync<T>(string what, Func<Task<T>> read, Func<T, bool> satisfied, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Patience);
        while (true)
        {
            var value = await read();
            if (satisfied(value))
                return value;
            await Task.Delay(Pause, TimeProvider.System, limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancel.ThrowIfCancellationRequested();
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"There was not {what} within {Patience.TotalMinutes} minutes.");
        }
    }

    private sealed class Tally
    {
        public int Jobs { get; set; }

        public int Right { get; set; }

        public int Overturned { get; set; }
    }
}
