using System.CommandLine;
using System.Diagnostics;
using Orchestrator.Benchmarks.Models;
using Orchestrator.Benchmarks.Output;
using Orchestrator.Benchmarks.Statistics;
using Orchestrator.Contracts;
using Spectre.Console;

namespace Orchestrator.Benchmarks.Commitment;

/// <summary><c>commitment</c>: decoding with and without commitments, in pairs; with <c>--network</c> in worker processes, where they overlap with other stages.</summary>
internal static class CommitmentCommand
{
    private const int Stages = 4;

    internal static Command Create()
    {
        var model = new Option<string>("--model") { DefaultValueFactory = _ => "bundled", Description = "bundled, d256, or d512: 56 M random parameters and 32,000 logits." };
        model.AcceptOnlyFromAmong(BenchmarkModel.Names);
        var rounds = Cells.Count("--rounds", 10, 1, "Pairs of runs.");
        var prompt = Cells.Count("--prompt-tokens", 64, 1, "Tokens of the prompt.");
        var tokens = Cells.Count("--tokens", 256, 8, "Tokens to draw.");
        var network = new Option<bool>("--network") { Description = "In a chain of worker processes, where a stage commits while the others run, instead of on one thread." };
        var starts = Cells.Count("--starts", 1, 1, "With --network: how often processes are started anew.");
        var sessions = Cells.Count("--sessions", 1, 1, "With --network: sessions at a time on the chain.");
        var json = ReportFile.Option();
        var command = new Command("commitment", "What committing to every pass costs per decoded token, and its bytes.") { model, rounds, prompt, tokens, network, starts, sessions, json };
        command.SetAction((parsed, cancel) =>
        {
            var work = new CommitmentWork(parsed.GetValue(model)!, Stages, parsed.GetValue(rounds), parsed.GetValue(prompt), parsed.GetValue(tokens), parsed.GetValue(json));
            return parsed.GetValue(network)
                ? NetworkCommitment.RunAsync(work, parsed.GetValue(starts), parsed.GetValue(sessions), cancel)
                : RunAsync(work, cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(CommitmentWork work, CancellationToken cancel)
    {
        var (name, _, rounds, prompt, tokens, json) = work;
        var machine = Machine.Here();
        using var model = await BenchmarkModel.CreateAsync(name, Stages, cancel);
        var stages = await model.LoadShardsAsync(cancel);
        List<(Run Without, Run With)> pairs = [];
        for (int round = -1; round < rounds; round++)
        {
            cancel.ThrowIfCancellationRequested();
            // Who goes first changes, so that neither always finds the caches warm. The first round is not counted.
            bool first = round % 2 == 0;
            var one = Decode(model, stages, prompt, tokens, commits: first);
            var other = Decode(model, stages, prompt, tokens, commits: !first);
            if (round >= 0)
                pairs.Add(first ? (other, one) : (one, other));
        }

        foreach (var stage in stages)
            stage.Dispose();
        var report = new CommitmentReport(
            name, model.Manifest.ParameterCount, Stages, prompt, tokens, rounds, machine,
            Spread.Of(pairs.Select(p => p.Without.Total)), Spread.Of(pairs.Select(p => p.With.Total)), Spread.Of(pairs.Select(p => p.With.Total / p.Without.Total)),
            Spread.Of(pairs.Select(p => p.With.Commit)), Spread.Of(pairs.Select(p => p.With.Commit / p.Without.Total)), pairs[0].With.Bytes);
        Print(report);
        await ReportFile.WriteAsync(json, report, CommitmentJson.Default.CommitmentReport, cancel);
        return 0;
    }

    private static Run Decode(BenchmarkModel model, IReadOnlyList<IStageEngine> stages, int prompt, int tokens, bool commits)
    {
        var folder = Directory.CreateTempSubdirectory("orchestrator-commitment-");
        try
        {
            using var chain = new CommittedChain(stages, model.Manifest.Vocabulary, prompt + tokens, commits, folder.FullName);
            int[] ids = [.. Enumerable.Range(0, prompt).Select(i => i % 256)];
            int drawn = -1;
            foreach (var pass in ChunkPlan.All(prompt, prompt).SelectMany(c => ChunkPlan.Passes(c, prompt)))
                drawn = chain.Run(pass, ids.AsSpan(pass.Position, pass.Tokens));
            long prefill = chain.CommitTicks, began = Stopwatch.GetTimestamp();
            for (int i = 1; i < tokens; i++)
                drawn = chain.Run(new ChunkPass(prompt + i - 1, 1, 0), [drawn]);
            long bytes = chain.Finish();
            double each = tokens - 1;
            return new Run(Stopwatch.GetElapsedTime(began).TotalMicroseconds / each, (chain.CommitTicks - prefill) * 1e6 / Stopwatch.Frequency / each, (double)bytes / Stages / (prompt + tokens - 1));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Print(CommitmentReport report)
    {
        Cells.Tables.WriteLine($"{report.Model}: {report.Parameters:N0} parameters, {report.Stages} stages on one thread, {report.PromptTokens} + {report.CompletionTokens} tokens, {report.Rounds} pairs, {report.Machine}");
        var table = new Table();
        table.AddColumns("µs/token without", "with", "with / without", "inside commitments", "of the time without", "bytes per token and stage");
        table.AddRow(
            Cells.Of(report.Without, "F0"), Cells.Of(report.With, "F0"), Cells.Of(report.Ratio, "F4"), Cells.Of(report.Commit, "F1"), Cells.Of(report.Share, "P2"),
            report.BytesPerTokenAndStage.ToString("F2", System.Globalization.CultureInfo.InvariantCulture));
        Cells.Tables.Write(table);
        Cells.Tables.WriteLine("median (p10–p90); hashes, fingerprints, evidence on disk and the ends of chunks included; nodes do all of it after a pass is on its way");
    }

    private sealed record Run(double Total, double Commit, double Bytes);
}
