using System.Collections.Concurrent;
using Orchestrator.Core.Assurance;
using Orchestrator.Drill.Cheats;
using Orchestrator.Drill.Models;
using Orchestrator.Drill.Network;
using Orchestrator.Drill.Platform;
using Orchestrator.Drill.Reports;

namespace Orchestrator.Drill;

/// <summary>Runs a drill: every cheat at every assurance it makes sense for.</summary>
public sealed class DrillRun(DrillOptions options)
{
    /// <summary>Called after every scenario, from any thread.</summary>
    public Action<ScenarioReport>? Progress { get; init; }

    /// <summary>Runs.</summary>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    /// <exception cref="InvalidDataException">The model cannot be cut.</exception>
    public async Task<DrillReport> RunAsync(CancellationToken cancel)
    {
        options.Validate();
        var scenarios = Scenarios();
        var folder = Directory.CreateTempSubdirectory("orchestrator-drill-");
        try
        {
            var model = await DrillModel.CutAsync(options.ModelPath, options.Stages, folder.FullName, cancel);
            var waiting = new ConcurrentQueue<Order>(scenarios);
            var truths = new Truths();
            var rows = new ScenarioReport[scenarios.Count];
            await Task.WhenAll(Enumerable.Range(0, Math.Min(options.Parallel, scenarios.Count)).Select(_ => Task.Run(() => Work(model, waiting, truths, rows, cancel), cancel)));
            return new DrillReport(options.Seed, options.Stages, options.Stages * options.HostsPerStage, rows);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private void Work(DrillModel model, ConcurrentQueue<Order> waiting, Truths truths, ScenarioReport[] rows, CancellationToken cancel)
    {
        using var engines = new Engines(model);
        while (waiting.TryDequeue(out var next))
        {
            var cheat = AllCheats.Make().First(c => c.Name == next.Cheat);
            rows[next.Row] = new Scenario(options with { Jobs = next.Jobs }, cheat, next.Level, engines, truths).Run(cancel);
            Progress?.Invoke(rows[next.Row]);
        }
    }

    private List<Order> Scenarios()
    {
        var all = AllCheats.Make();
        if (options.Cheats.FirstOrDefault(name => all.All(c => c.Name != name)) is { } unknown)
            throw new ArgumentException($"There is no cheat '{unknown}'; known are {string.Join(", ", all.Select(c => c.Name))}.");
        var chosen = all.Where(c => options.Cheats.Count == 0 || options.Cheats.Contains(c.Name));
        return [.. chosen.SelectMany(Orders).Select((order, row) => order with { Row = row })];
    }

    /// <summary>A cheat's jobs over the assurances it can be met at; twice as many where audits alone must catch it.</summary>
    private IEnumerable<Order> Orders(Cheat cheat)
    {
        var levels = options.Assurances.Where(cheat.Suits).ToList();
        int Share(AssuranceLevel level) => level.Kind == AssuranceKind.Sampled ? 2 : 1;
        int all = levels.Sum(Share);
        return levels.Select(level => new Order(0, cheat.Name, level, (options.Jobs * Share(level) + all - 1) / all));
    }

    private sealed record Order(int Row, string Cheat, AssuranceLevel Level, int Jobs);
}
