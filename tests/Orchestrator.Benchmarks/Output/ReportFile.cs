using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Orchestrator.Benchmarks.Output;

/// <summary>The <c>--out</c> option of every command: the figures as JSON, beside the table on standard output.</summary>
internal static class ReportFile
{
    internal static Option<FileInfo?> Option() => new("--out") { Description = "Also write the figures to this file, as JSON." };

    internal static Task WriteAsync<T>(FileInfo? file, T report, JsonTypeInfo<T> json, CancellationToken cancel) =>
        file is null ? Task.CompletedTask : File.WriteAllTextAsync(file.FullName, JsonSerializer.Serialize(report, json) + "\n", cancel);
}
