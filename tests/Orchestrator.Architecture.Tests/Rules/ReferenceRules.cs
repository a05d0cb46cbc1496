namespace Orchestrator.Architecture.Tests.Rules;

/// <summary>Who may reference whom. What is not listed may not.</summary>
internal static class ReferenceRules
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Orchestrator.Contracts"] = [],
        ["Orchestrator.Verification"] = ["Orchestrator.Contracts"],
        ["Orchestrator.Onnx"] = ["Orchestrator.Contracts", "Orchestrator.Verification"],
        ["Orchestrator.Sharder"] = ["Orchestrator.Contracts"],
        ["Orchestrator.Disputes"] = ["Orchestrator.Contracts", "Orchestrator.Verification", "Orchestrator.Sharder"],
        ["Orchestrator.Relay"] = ["Orchestrator.Contracts", "Orchestrator.Verification"],
        ["Orchestrator.Telemetry"] = [],
        ["Orchestrator.Worker"] =
            ["Orchestrator.Contracts", "Orchestrator.Verification", "Orchestrator.Onnx", "Orchestrator.Disputes", "Orchestrator.Relay", "Orchestrator.Telemetry"],

        ["Orchestrator.Core"] = ["Orchestrator.Contracts"],
        ["Orchestrator.Durable"] = [],
        ["Orchestrator.Sidecar"] = [],
        ["Orchestrator.Actors.Abstractions"] = ["Orchestrator.Contracts", "Orchestrator.Core"],
        ["Orchestrator.Actors"] = ["Orchestrator.Contracts", "Orchestrator.Core", "Orchestrator.Actors.Abstractions"],
        ["Orchestrator.ControlPlane"] =
            ["Orchestrator.Contracts", "Orchestrator.Verification", "Orchestrator.Core", "Orchestrator.Durable", "Orchestrator.Actors.Abstractions", "Orchestrator.Relay"],
        ["Orchestrator.Functions"] =
        [
            "Orchestrator.Contracts", "Orchestrator.Core", "Orchestrator.Durable", "Orchestrator.Actors.Abstractions", "Orchestrator.ControlPlane", "Orchestrator.Telemetry",
            "Orchestrator.FunctionsSdk.Stubs",
        ],
        ["Orchestrator.Actors.Host"] = ["Orchestrator.Contracts", "Orchestrator.Core", "Orchestrator.Actors", "Orchestrator.Actors.Abstractions", "Orchestrator.Telemetry"],
        ["Orchestrator.Gateway"] = ["Orchestrator.Contracts", "Orchestrator.Verification", "Orchestrator.Relay", "Orchestrator.Telemetry"],
        ["Orchestrator.Controller"] = ["Orchestrator.Contracts", "Orchestrator.Telemetry"],
        ["Orchestrator.Local"] =
        [
            "Orchestrator.Contracts", "Orchestrator.Verification", "Orchestrator.Core", "Orchestrator.Durable", "Orchestrator.Actors", "Orchestrator.Actors.Abstractions",
            "Orchestrator.ControlPlane", "Orchestrator.Sidecar", "Orchestrator.Gateway", "Orchestrator.Telemetry",
        ],
        ["Orchestrator.Drill"] =
        [
            "Orchestrator.Contracts", "Orchestrator.Verification", "Orchestrator.Core", "Orchestrator.ControlPlane", "Orchestrator.Onnx", "Orchestrator.Sharder",
            "Orchestrator.Disputes", "Orchestrator.Worker",
        ],
        ["Orchestrator.Cli"] =
        [
            "Orchestrator.Contracts", "Orchestrator.Verification", "Orchestrator.Core", "Orchestrator.Actors.Abstractions", "Orchestrator.ControlPlane",
            "Orchestrator.Local", "Orchestrator.Onnx", "Orchestrator.Sharder", "Orchestrator.Worker", "Orchestrator.Drill", "Orchestrator.Actors.Host",
        ],
    };

    private static readonly string[] Products = ["functions", "workers"];

    /// <summary>Projects of <c>tests</c> and <c>infra</c> are free.</summary>
    public static IReadOnlyList<string> Violations(IReadOnlyList<ProjectFile> projects) =>
        [.. projects.Where(p => Products.Contains(p.Area)).SelectMany(Violations)];

    private static IEnumerable<string> Violations(ProjectFile project)
    {
        if (!Allowed.TryGetValue(project.Name, out string[]? allowed))
        {
            yield return $"{project.Path} is a new project: say here what it may reference.";
            yield break;
        }

        foreach (string reference in project.References.Except(allowed))
            yield return $"{project.Name} must not reference {reference}.";
    }
}
