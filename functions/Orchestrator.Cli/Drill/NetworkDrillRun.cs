using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary><c>drill --network</c>: chooses scenarios, starts the network, prints what came of them and stops everything.</summary>
public static class NetworkDrillRun
{
    /// <summary>Runs; the exit code.</summary>
    /// <param name="terminal">Where it prints.</param>
    /// <param name="cheats">Cheats to drill; all when empty.</param>
    /// <param name="assurances">Assurances to drill; all when empty.</param>
    /// <param name="nodes">Worker processes.</param>
    /// <param name="keep">Folder to run in and to leave; null for a scratch folder.</param>
    /// <param name="json">Print one JSON document.</param>
    /// <param name="cancel">Stops it.</param>
    public static async Task<int> RunAsync(
        Terminal terminal, IReadOnlyList<string> cheats, IReadOnlyList<string> assurances, int nodes, string? keep, bool json, CancellationToken cancel)
    {
        var scenarios = Choose(cheats, assurances);
        if (nodes is < 2 * DrillNetwork.Stages or > 64)
            throw new CliException($"--nodes must be {2 * DrillNetwork.Stages} to 64, not {nodes}", ExitCodes.Usage);
        string folder = keep ?? Directory.CreateTempSubdirectory("orchestrator-drill-").FullName;
        try
        {
            void Step(string what) => terminal.Note($"[grey]{Markup.Escape(what)}[/]");
            using var uncut = await UncutModel.LoadAsync(BundledModel.Path, cancel);
            Step($"starting {nodes} workers that cheat when they are told to");
            await using var network = await DrillNetwork.StartAsync(folder, nodes, cancel);
            var report = await new NetworkDrill(network, uncut, Step).RunAsync(scenarios, cancel);
            if (json)
                terminal.WriteJson(report);
            else
                Print(terminal, report);
            return report.Ok ? ExitCodes.Success : ExitCodes.Failure;
        }
        finally
        {
            if (keep is null)
                Directory.Delete(folder, recursive: true);
        }
    }

    private static IReadOnlyList<NetworkScenario> Choose(IReadOnlyList<string> cheats, IReadOnlyList<string> assurances)
    {
        var known = NetworkScenario.All;
        string? unknown = cheats.FirstOrDefault(c => known.All(s => s.Cheat != c)) ?? assurances.FirstOrDefault(a => known.All(s => s.Assurance != a));
        if (unknown is not null)
        {
            throw new CliException(
                $"the drill of a network does not know '{unknown}': it has {string.Join(", ", known.Select(s => s.Cheat).Concat(known.Select(s => s.Assurance)).Distinct())}", ExitCodes.Usage);
        }

        var chosen = known.Where(s => (cheats.Count == 0 || cheats.Contains(s.Cheat)) && (assurances.Count == 0 || assurances.Contains(s.Assurance))).ToList();
        return chosen.Count > 0 ? chosen : throw new CliException("no cheat that was asked for is drilled at an assurance that was asked for", ExitCodes.Usage);
    }

    private static void Print(Terminal terminal, NetworkDrillReport report)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("cheat", "assurance", "node", "stage", "jobs", "right", "overturned", "slashed for", "evidence", "agreed steps", "rounds", "proof");
        foreach (var row in report.Rows)
        {
            table.AddRow(
            [
                row.Problems.Count == 0 ? Markup.Escape(row.Cheat) : $"[red]{Markup.Escape(row.Cheat)}[/]", Markup.Escape(row.Assurance), row.Node ?? "", $"{row.Stage}", $"{row.Jobs}", $"{row.Right}",
                $"{row.Overturned}", row.Fault ?? "", row.Evidence > 0 ? $"{row.Evidence}" : "", $"{row.Steps}", $"{row.Rounds}", Markup.Escape(row.Proof ?? ""),
            ]);
        }

        terminal.Out.Write(table);
        foreach (string problem in report.Rows.SelectMany(r => r.Problems.Select(p => $"{r.Cheat} at {r.Assurance}: {p}")).Concat(report.Problems))
            terminal.Out.MarkupLineInterpolated($"[red]{problem}[/]");
        terminal.Out.MarkupLineInterpolated($"{report.Rows.Sum(r => r.Jobs)} jobs on {report.Nodes} worker processes in {report.Seconds:F0} s.");
        terminal.Out.MarkupLineInterpolated($"Books: {report.Balance}.");
    }
}
