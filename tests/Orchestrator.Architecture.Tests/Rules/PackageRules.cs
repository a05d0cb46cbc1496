namespace Orchestrator.Architecture.Tests.Rules;

/// <summary>Which packages and frameworks a project may use.</summary>
internal static class PackageRules
{
    private static readonly string[] Pure = ["Orchestrator.Core", "Orchestrator.Contracts"];

    public static IReadOnlyList<string> Violations(IReadOnlyList<ProjectFile> projects) => [.. projects.SelectMany(Violations)];

    private static IEnumerable<string> Violations(ProjectFile project)
    {
        if (Pure.Contains(project.Name))
        {
            foreach (string used in project.Packages.Select(p => p.Name).Concat(project.Frameworks))
                yield return $"{project.Name} must not use {used}: it has the base library only.";
        }

        foreach (var (package, versioned) in project.Packages)
        {
            if (package.StartsWith("Microsoft.ML.OnnxRuntime", StringComparison.Ordinal) && project.Area is ("functions" or "workers") && project.Name != "Orchestrator.Onnx")
                yield return $"{project.Name} must not use {package}: only Orchestrator.Onnx does.";
            if (package.StartsWith("Dapr.", StringComparison.Ordinal) && project.Name is ("Orchestrator.Durable" or "Orchestrator.Verification" or "Orchestrator.Onnx" or "Orchestrator.Sharder"))
                yield return $"{project.Name} must not use {package}.";
            if (versioned)
                yield return $"{project.Path} gives the version of {package}: it belongs in Directory.Packages.props.";
        }
    }
}
