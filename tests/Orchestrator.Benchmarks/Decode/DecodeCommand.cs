using System.CommandLine;
using System.Text.Json;
using Orchestrator.Benchmarks.Models;
using Orchestrator.Benchmarks.Statistics;
using Spectre.Console;

namespace Orchestrator.Benchmarks.Decode;

/// <summary><c>decode</c>: paired rounds of every way to decode. Exit code 1 when two paths draw different tokens.</summary>
internal static class DecodeCommand
{
    private const int Stages = 4;

    internal static Command Create()
    {
        var model = new Option<string>("--model") { DefaultValueFactory = _ => "bundled", Description = "bundled, or d512: 56 M random parameters." };
        model.AcceptOnlyFromAmong(BenchmarkModel.Names);
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 10, Description = "Measured rounds." };
        var prompt = new Option<int>("--prompt-tokens") { DefaultValueFactory = _ => 64, Description = "Tokens of the prompt." };
        var tokens = new Option<int>("--tokens") { DefaultValueFactory = _ => 64, Description = "Tokens to draw, 2 or more." };
        var json = new Option<FileInfo?>("--json") { Description = "Also write the figures to this file." };
        foreach (var count in (Option<int>[])[rounds, prompt])
            count.Validators.Add(result => AtLeast(result, 1));
        tokens.Validators.Add(result => AtLeast(result, 2));

        var command = new Command("decode", "Whole model against its chain, in tokens per second.") { model, rounds, prompt, tokens, json };
        command.SetAction((parsed, cancel) => RunAsync(
            parsed.GetValue(model)!, parsed.GetValue(rounds), parsed.GetValue(prompt), parsed.GetValue(tokens), parsed.GetValue(json), cancel));
        return command;
    }

    private static void AtLeast(System.CommandLine.Parsing.OptionResult result, int least)
    {
        if (result.GetValueOrDefault<int>() < least)
            result.AddError($"{result.Option.Name} must be {least} or more.");
    }

    private static async Task<int> RunAsync(string name, int rounds, int promptTokens, int tokens, FileInfo? json, CancellationToken cancel)
    {
        var progress = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        progress.MarkupLine($"Preparing model [bold]{name}[/] and cutting it in {Stages}…");
        using var model = await BenchmarkModel.CreateAsync(name, Stages, cancel);
        var random = new Random(1);
        var work = new DecodeWork([.. Enumerable.Range(0, promptTokens).Select(_ => random.Next(256))], tokens, new(Temperature: 0));
        var paths = await PathsAsync(model, cancel);
        try
        {
            var runs = await DecodeRounds.RunAsync(paths, work, rounds, round => progress.MarkupLine($"round {round} of {rounds}"), cancel);
            var report = new DecodeReport(name, model.Manifest.ParameterCount, promptTokens, tokens, rounds, Environment.ProcessorCount,
                DecodeRounds.SameTokens(runs), DecodeReport.Summarize(paths, runs, promptTokens));
            Print(report);
            if (json is not null)
                await File.WriteAllTextAsync(json.FullName, JsonSerializer.Serialize(report, DecodeJson.Default.DecodeReport), cancel);
            return report.SameTokens ? 0 : 1;
        }
        finally
        {
            foreach (var path in paths)
                await path.DisposeAsync();
        }
    }

    /// <summary>All paths; the first is the one that others are compared with.</summary>
    private static async Task<IReadOnlyList<IDecodePath>> PathsAsync(BenchmarkModel model, CancellationToken cancel) =>
    [
        new LocalPath("whole model", await model.LoadWholeAsync(cancel), model.Manifest.Vocabulary),
        new LocalPath($"chain of {Stages}, one process", await model.LoadShardsAsync(cancel), model.Manifest.Vocabulary),
    ];

    private static void Print(DecodeReport report)
    {
        var table = new Table().Title($"{report.Model}: {report.Parameters:N0} parameters, {report.PromptTokens} + {report.CompletionTokens} tokens, {report.Rounds} rounds, {report.Cores} cores");
        table.AddColumns("path", "tokens/s", "ratio", "prefill tokens/s", "first token ms");
        foreach (var path in report.Paths)
            table.AddRow(path.Name, Cell(path.TokensPerSecond, "F1"), Cell(path.Ratio, "F3"), Cell(path.PrefillTokensPerSecond, "F0"), Cell(path.FirstTokenMilliseconds, "F1"));
        AnsiConsole.Write(table);
        AnsiConsole.MarkupLine("median (p10–p90); ratio to the first path within the same round");
        AnsiConsole.MarkupLine(report.SameTokens ? "All paths drew the same tokens." : "[red]The paths drew different tokens.[/]");
    }

    private static string Cell(Spread spread, string format) =>
        $"{spread.Median.ToString(format)} ({spread.P10.ToString(format)}–{spread.P90.ToString(format)})";
}
