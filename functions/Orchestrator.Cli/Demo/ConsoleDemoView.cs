using Orchestrator.Local;
using Orchestrator.Sharder;
using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary>The demo for people: everything on standard output but the steps.</summary>
public sealed class ConsoleDemoView(Terminal terminal) : IDemoView
{
    /// <inheritdoc />
    public void Step(string what) => terminal.Note($"[grey]{Markup.Escape(what)}…[/]");

    /// <inheritdoc />
    public void Sharded(ShardingResult result)
    {
        var manifest = result.Manifest;
        terminal.Out.MarkupLineInterpolated($"[bold]{manifest.Name}[/]: {manifest.ParameterCount:N0} parameters, {manifest.LayerCount} layers, cut in {manifest.Stages.Count}; chained shards equal the whole bit for bit");
        terminal.Out.Write(ModelTables.Shards(result));
        terminal.Out.WriteLine();
    }

    /// <inheritdoc />
    public void Started(LocalNetwork network)
    {
        terminal.Out.MarkupLineInterpolated($"{network.Plan.Nodes.Count} workers, each its own process and host, behind [link]{network.Endpoint}v1[/]");
        terminal.Out.WriteLine();
    }

    /// <inheritdoc />
    public void Asking(string question)
    {
        terminal.Out.MarkupLineInterpolated($"[bold]> {question}[/]");
    }

    /// <inheritdoc />
    public void Text(string piece) => terminal.WriteRaw(piece);

    /// <inheritdoc />
    public void Answered(DemoQuestion question)
    {
        terminal.WriteRaw("\n");
        string verdict = question.Equal ? "[green]equal to the uncut model, token for token[/]" : $"[red]the uncut model says: {Markup.Escape(question.Uncut)}[/]";
        terminal.Out.MarkupLine($"  {verdict}; [green]{question.ChainsAgreed} chains agree[/] on commitment {question.Commitment.Short}");
        terminal.Out.MarkupLine($"  [grey]{question.Tokens} tokens, first after {question.FirstTokenMilliseconds:F0} ms, {question.TokensPerSecond:F0} tokens/s from the request to the last; charged {question.Charged} of {question.Quoted} micro-credits[/]");
        terminal.Out.Write(Chains(question));
        terminal.Out.WriteLine();
    }

    /// <summary>The end: who earned what.</summary>
    public void Summary(DemoReport report)
    {
        var table = new Table().Border(TableBorder.None).AddColumns("NODE", "HOST", "IDENTITY", "PROCESS", "EARNED", "BONDED", "SCORE");
        foreach (var node in report.Nodes)
            table.AddRow(node.Name, node.Host, node.Node.Short, $"{node.Process}", $"{node.Earned:N0}", $"{node.Bonded:N0}", $"{node.Score:F3}");
        terminal.Out.Write(table);
        var ledger = report.Ledger;
        terminal.Out.MarkupLineInterpolated($"developer paid {ledger.Before - ledger.After:N0} micro-credits: {ledger.PaidToHosts:N0} to hosts, {ledger.Fee:N0} protocol fee");
        terminal.Out.MarkupLine(report.Ok
            ? "[green]Every answer equals the uncut model's, two disjoint chains agreed on each, and the books balance.[/]"
            : "[red]Something did not add up; see above.[/]");
        terminal.Note("[grey]keep such a network running with: orchestrator up[/]");
        terminal.Note($"[grey]seconds: {string.Join(", ", report.Seconds.Select(s => $"{s.Key} {s.Value:F1}"))}[/]");
    }

    private static Table Chains(DemoQuestion question)
    {
        var table = new Table().Border(TableBorder.None).AddColumns("  CHAIN", "NODE", "HOST", "LAYERS", "COMPUTE", "PER TOKEN", "EARNED");
        foreach (var chain in question.Chains)
        {
            foreach (var stage in chain.Stages)
            {
                table.AddRow(
                    $"  {chain.Chain + 1}",
                    stage.Name,
                    stage.Host,
                    $"{stage.Layers.Start}-{stage.Layers.End - 1}",
                    $"{stage.ComputeMicroseconds / 1000.0:F1} ms",
                    $"{stage.MicrosecondsPerPass:F0} µs",
                    $"{stage.Earned:N0}");
            }
        }

        return table;
    }
}
