using Orchestrator.Benchmarks.Breakdown;
using Orchestrator.Benchmarks.Chains;
using Orchestrator.Benchmarks.Decode;
using Orchestrator.Benchmarks.Models;
using Orchestrator.Benchmarks.Output;
using Orchestrator.Benchmarks.Statistics;
using Orchestrator.Worker.Hosting;
using Spectre.Console;

namespace Orchestrator.Benchmarks.Commitment;

/// <summary><c>commitment --network</c>: the same worker processes with and without commitments, in pairs whose order turns. Exit code 1 when the tokens differ.</summary>
internal static class NetworkCommitment
{
    internal static async Task<int> RunAsync(CommitmentWork work, int starts, int sessions, CancellationToken cancel)
    {
        var machine = Machine.Here();
        var folder = Directory.CreateTempSubdirectory("orchestrator-benchmark-passes-");
        try
        {
            // Workers take options from the environment too, and get ours.
            Environment.SetEnvironmentVariable($"Worker__{nameof(WorkerOptions.PassLogFolder)}", folder.FullName);
            string order = Path.Combine(folder.FullName, "uncommitted");
            MeasuredWorker.Prepare(order);
            using var model = await BenchmarkModel.CreateAsync(work.Model, work.Stages, cancel);
            var decode = DecodeWork.Create(model.Manifest, work.PromptTokens, work.CompletionTokens);
            List<(SharedExecutors Without, SharedExecutors With)> pairs = [];
            HashSet<string> answers = [];
            for (int start = 1; start <= starts; start++)
            {
                await using var network = await ModelNetwork.StartAsync(model, chains: 1, cancel, worker: MeasuredWorker.Assembly);
                using var platform = await network.DirectAsync(model, cancel);
                ChainPath[] paths = [.. Enumerable.Range(0, sessions).Select(i => new ChainPath($"session {i}", platform))];
                async Task<SharedExecutors> Decode(bool commits)
                {
                    MeasuredWorker.Omit(order, omit: !commits);
                    var runs = await Task.WhenAll(paths.Select(path => path.RunAsync(decode, cancel)));
                    answers.UnionWith(runs.Select(run => string.Join(',', run.Tokens)));
                    return new([.. await Task.WhenAll(paths.Select(path => PassTable.ReadAsync(folder.FullName, path.LastSession!, work.Stages, cancel)))], work.Stages);
                }

                // The first round is not counted: everything is compiled and warm after it.
                for (int round = -1; round < work.Rounds; round++)
                {
                    bool first = round % 2 == 0;
                    var one = await Decode(commits: first);
                    var other = await Decode(commits: !first);
                    if (round >= 0)
                        pairs.Add(first ? (other, one) : (one, other));
                    Cells.Progress.MarkupLine($"start {start} of {starts}, round {round + 1} of {work.Rounds}");
                }
            }

            var report = Report(work, starts, sessions, model.Manifest.ParameterCount, machine, answers.Count == 1, pairs);
            Print(report);
            await ReportFile.WriteAsync(work.Json, report, NetworkCommitmentJson.Default.NetworkCommitmentReport, cancel);
            return report.SameTokens ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static NetworkCommitmentReport Report(
        CommitmentWork work, int starts, int sessions, long parameters, Machine machine, bool sameTokens, List<(SharedExecutors Without, SharedExecutors With)> pairs)
    {
        var ratios = pairs.Select(p => p.With.Token / p.Without.Token).ToList();
        return new(
            work.Model, parameters, work.Stages, work.PromptTokens, work.CompletionTokens, sessions, starts, work.Rounds, machine, sameTokens,
            Spread.Of(pairs.Select(p => p.Without.Token)), Spread.Of(pairs.Select(p => p.With.Token)), Spread.Of(ratios), MedianInterval.Of(ratios),
            Spread.Of(pairs.Select(p => p.With.Commit)), Spread.Of(pairs.Select(p => p.With.Commit / p.With.Token)),
            Spread.Of(pairs.Select(p => p.With.Behind)), Spread.Of(pairs.Select(p => p.With.Behind / p.With.Token)));
    }

    private static void Print(NetworkCommitmentReport report)
    {
        Cells.Tables.WriteLine($"{report.Model}: {report.Parameters:N0} parameters, {report.Stages} worker processes, {report.Sessions} sessions at a time, {report.PromptTokens} + {report.CompletionTokens} tokens, {report.Starts} starts of {report.Rounds} pairs, {report.Machine}");
        var table = new Table();
        table.AddColumns("", "µs/token", "of the time with");
        table.AddRow("without commitments", Cells.Of(report.Without, "F0"), "");
        table.AddRow("with", Cells.Of(report.With, "F0"), "");
        table.AddRow("inside commitments, all stages", Cells.Of(report.Commit, "F1"), Cells.Of(report.CommitShare, "P2"));
        table.AddRow("waited behind them, at most", Cells.Of(report.Behind, "F2"), Cells.Of(report.BehindShare, "P3"));
        Cells.Tables.Write(table);
        Cells.Tables.WriteLine($"with / without in the same pair: {Cells.Of(report.Ratio, "F4")}, the median between {report.RatioMedian.Low:F4} and {report.RatioMedian.High:F4} with 95 % confidence");
        Cells.Tables.WriteLine("median (p10–p90); the same processes in turn with and without");
        Cells.Tables.MarkupLine(report.SameTokens ? "All sessions drew the same tokens." : "[red]Sessions drew different tokens.[/]");
    }
}
