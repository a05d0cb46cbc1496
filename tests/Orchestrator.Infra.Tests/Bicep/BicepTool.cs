using System.Reflection;
using System.Text.Json.Nodes;
using Orchestrator.Infra.Tests.Kit;

namespace Orchestrator.Infra.Tests.Bicep;

/// <summary>The Bicep compiler that the project's restore fetched. Missing, it fails the tests.</summary>
internal static class BicepTool
{
    // Snapshots name no subscription of anyone's.
    private const string Nobody = "00000000-0000-0000-0000-000000000000";

    private static string Path { get; } = typeof(BicepTool).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Bicep").Value!;

    /// <summary>What the linter and the type checker say. Wrong properties and types are mere warnings to it, and it exits with 0: count every result.</summary>
    public static async Task<IReadOnlyList<string>> LintAsync(string file)
    {
        var (_, output, error) = await RunAsync("lint", file, "--diagnostics-format", "sarif");
        string sarif = output.Contains("\"runs\"", StringComparison.Ordinal) ? output : error;
        var results = JsonNode.Parse(sarif[sarif.IndexOf('{')..])!["runs"]![0]!["results"]!.AsArray();
        return [.. results.Select(r => $"{r!["ruleId"]}: {r["message"]!["text"]}")];
    }

    /// <summary>Whether a parameters file still expands to the snapshot beside it; what differs.</summary>
    public static async Task<(int Code, string Difference)> ValidateAsync(string parameters)
    {
        var (code, output, error) = await RunAsync(
            "snapshot", parameters, "--mode", "validate", "--subscription-id", Nobody, "--tenant-id", Nobody, "--resource-group", "orchestrator", "--location", "westeurope", "--deployment-name", "main");
        return (code, output + error);
    }

    private static Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) => File.Exists(Path)
        ? Tool.RunAsync(Path, Repository.Root, arguments)
        : throw new InvalidOperationException($"Bicep is not at {Path}: restore this project again (package Azure.Bicep.CommandLine.linux-x64).");
}
