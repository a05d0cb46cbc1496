using System.CommandLine;
using Orchestrator.Benchmarks.Models;
using Orchestrator.Benchmarks.Output;
using Orchestrator.Benchmarks.Statistics;
using Orchestrator.Contracts;
using Spectre.Console;

namespace Orchestrator.Benchmarks.Verify;

/// <summary><c>verify</c>: what audits and disputes cost beside generating. Exit code 1 when an honest job fails an exact audit or a liar gets away.</summary>
internal static class VerifyCommand
{
    internal static Command Create()
    {
        var model = new Option<string>("--model") { DefaultValueFactory = _ => "bundled", Description = "bundled, or d512: 56 M random parameters." };
        model.AcceptOnlyFromAmong(BenchmarkModel.Names);
        var stages = Cells.Count("--stages", 2, 1, "Stages of the chain.");
        var rounds = Cells.Count("--rounds", 5, 1, "Measured rounds.");
        var prompt = Cells.Count("--prompt-tokens", 64, 1, "Tokens of the prompt.");
        var tokens = Cells.Count("--tokens", 256, 2, "Tokens to draw.");
        var disputes = Cells.Count("--disputes", 5, 1, "Disputes to play.");
        var json = ReportFile.Option();
        var command = new Command("verify", "Audits and disputes as shares of the generation they check.") { model, stages, rounds, prompt, tokens, disputes, json };
        command.SetAction((parsed, cancel) => RunAsync(
            parsed.GetValue(model)!, parsed.GetValue(stages), parsed.GetValue(rounds), parsed.GetValue(prompt), parsed.GetValue(tokens), parsed.GetValue(disputes), parsed.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> RunAsync(string name, int stages, int rounds, int promptTokens, int tokens, int disputes, FileInfo? json, CancellationToken cancel)
    {
        var machine = Machine.Here();
        using var model = await BenchmarkModel.CreateAsync(name, stages, cancel);
        var engines = await model.LoadShardsAsync(cancel);
        var jobs = new List<RecordedJob>();
        var exact = new List<AuditRound>();
        var batched = new List<AuditRound>();
        for (int round = 0; round <= rounds; round++)
        {
            cancel.ThrowIfCancellationRequested();
            var job = RecordedJob.Run(model.Manifest, engines, promptTokens, tokens, seed: round);
            var first = AuditRound.Run(model.Manifest, engines, job, AuditMode.Batched);
            var second = AuditRound.Run(model.Manifest, engines, job, AuditMode.Exact);
            if (round == 0)
                continue; // Warm-up.
            Cells.Progress.MarkupLine($"round {round} of {rounds}");
            jobs.Add(job);
            batched.Add(first);
            exact.Add(second);
        }

        var random = new Random(1);
        var courts = new List<(Court Court, RecordedJob Job, int Stage)>();
        for (int i = 0; i < disputes; i++)
        {
            cancel.ThrowIfCancellationRequested();
            var job = jobs[i % jobs.Count];
            int stage = i % stages;
            courts.Add((Court.Play(model.Manifest, model.Shards.ShardPaths[stage], stage, job, random), job, stage));
            Cells.Progress.MarkupLine($"dispute {i + 1} of {disputes}");
        }

        foreach (var engine in engines)
            engine.Dispose();
        var report = new VerifyReport(
            name, stages, promptTokens, tokens, rounds, machine, Spread.Of(jobs.Select(Total)), Cost(jobs, exact, stages), Cost(jobs, batched, stages), Cost(courts, stages, jobs[0].Chunks[0].Count));
        Print(report);
        await ReportFile.WriteAsync(json, report, VerifyJson.Default.VerifyReport, cancel);
        return report.Exact.WrongHashes + report.Exact.Differences == 0 && report.Disputes.Right == report.Disputes.Count ? 0 : 1;
    }

    private static double Total(RecordedJob job) => job.Compute.Sum(time => time.TotalMilliseconds);

    private static AuditCost Cost(IReadOnlyList<RecordedJob> jobs, IReadOnlyList<AuditRound> audits, int stages) => new(
        Spread.Of(audits.Select(audit => audit.Spent.Sum(time => time.TotalMilliseconds))),
        Spread.Of(jobs.Zip(audits, (job, audit) => Total(job) / audit.Spent.Sum(time => time.TotalMilliseconds))),
        Spread.Of(jobs.Zip(audits, (job, audit) =>
            job.Decode.TotalMilliseconds / (job.Tokens - job.PromptTokens) / (audit.Spent.Sum(time => time.TotalMilliseconds) / job.Tokens))),
        [.. Enumerable.Range(0, stages).Select(stage => Spread.Of(jobs.Zip(audits, (job, audit) => job.Compute[stage] / audit.Spent[stage])))],
        audits.Sum(audit => audit.WrongHashes),
        audits.Max(audit => audit.Mismatches),
        audits.Max(audit => audit.MeanError),
        audits.Sum(audit => audit.Differences),
        audits.Max(audit => audit.Gap),
        [.. Enumerable.Range(0, stages).Select(stage => Spread.Of(audits.Select(audit => audit.Unseen[stage])))]);

    private static DisputeCost Cost(IReadOnlyList<(Court Court, RecordedJob Job, int Stage)> played, int stages, int chunks) => new(
        played.Count,
        played.Count(p => p.Court.Right),
        Spread.Of(played.Select(p => (double)p.Court.Steps)),
        Spread.Of(played.Select(p => (double)p.Court.Rounds)),
        Spread.Of(played.Select(p => (double)p.Court.Messages)),
        Spread.Of(played.Select(p => (double)p.Court.Bytes)),
        Spread.Of(played.Select(p => (double)p.Court.EvidenceBytes)),
        Spread.Of(played.Select(p => p.Court.Replay / p.Job.Compute[p.Stage])),
        Spread.Of(played.Select(p => p.Court.Judging.TotalMilliseconds)),
        Spread.Of(played.Select(p => p.Court.Operator.TotalMilliseconds / Total(p.Job))),
        1.0 / (stages * chunks));

    private static void Print(VerifyReport report)
    {
        Cells.Tables.WriteLine($"{report.Model}, {report.Stages} stages, {report.PromptTokens} + {report.CompletionTokens} tokens, {report.Rounds} rounds, {report.Machine}; generation {Cells.Of(report.Generation, "F0")} ms of processor time");
        var audits = new Table();
        audits.AddColumns("audit", "ms", "times cheaper", "per decoded token", "by stage", "wrong hashes", "mismatches", "mean error", "other draws", "largest gap", "unseen by stage");
        foreach (var (name, cost) in new[] { ("exact", report.Exact), ("batched", report.Batched) })
        {
            audits.AddRow(
                name, Cells.Of(cost.Milliseconds, "F0"), Cells.Of(cost.Cheaper, "F1"), Cells.Of(cost.CheaperPerToken, "F1"), string.Join(", ", cost.CheaperByStage.Select(stage => stage.Median.ToString("F1"))),
                $"{cost.WrongHashes}", $"{cost.Mismatches}", $"{cost.MeanError:F3}", $"{cost.Differences}", $"{cost.Gap:G3}",
                string.Join(", ", cost.UnseenByStage.Select(stage => stage.Median.ToString("P1"))));
        }

        Cells.Tables.Write(audits);
        var disputes = new Table();
        disputes.AddColumns("disputes", "right", "steps", "rounds", "messages", "bytes", "evidence", "replay / stage", "judging ms", "operator / job", "bound");
        var d = report.Disputes;
        disputes.AddRow(
            $"{d.Count}", $"{d.Right}", $"{d.Steps.Median:F0}", $"{d.Rounds.Median:F0}", $"{d.Messages.Median:F0}", $"{d.Bytes.Median:F0}", $"{d.EvidenceBytes.Median:F0}",
            $"{d.ReplayOfStage.Median:F2}", Cells.Of(d.JudgingMilliseconds, "F0"), Cells.Of(d.OperatorShare, "G2"), $"{d.Bound:G2}");
        Cells.Tables.Write(disputes);
    }
}
