using Orchestrator.Sharder;
using Orchestrator.Sharder.Checking;
using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary>Tables about models.</summary>
public static class ModelTables
{
    /// <summary>One row per shard.</summary>
    public static Table Shards(ShardingResult result)
    {
        var table = new Table().Border(TableBorder.None).AddColumns("STAGE", "LAYERS", "SIZE", "PARAMETERS", "COMPUTE", "SENDS", "BYTES/TOKEN", "SHA-256");
        foreach (var shard in result.Manifest.Stages)
        {
            table.AddRow(
                $"{shard.Stage}",
                $"{shard.Layers.Start}-{shard.Layers.End - 1}",
                Size(shard.Bytes),
                $"{shard.ParameterCount:N0}",
                $"{result.Balance[shard.Stage]:P0}",
                $"{shard.Sends.Count}",
                $"{shard.BytesPerToken:N0}",
                shard.Blob.Short);
        }

        return table;
    }

    /// <summary>What a check found.</summary>
    public static Table Check(ModelCheckReport report)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "");
        foreach (string problem in report.Problems)
            table.AddRow("[red]wrong[/]", Markup.Escape(problem));
        if (report.Passed)
            table.AddRow("[green]ok[/]", "digests, names and ranges");
        if (report.Comparison is { } compared)
        {
            table.AddRow(
                compared.BitIdentical ? "[green]ok[/]" : "[red]differs[/]",
                $"{compared.Tensors} tensors over {compared.Passes} passes compared bit for bit with the whole model; "
                + $"largest difference to the unoptimized model {compared.MaxDifferenceToSource:G2}");
        }

        return table;
    }

    /// <summary>Bytes for people.</summary>
    public static string Size(long bytes) => bytes >= 1_000_000 ? $"{bytes / 1e6:F1} MB" : $"{bytes / 1e3:F1} kB";
}
