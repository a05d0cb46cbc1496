using System.Text.RegularExpressions;
using Orchestrator.Infra.Tests.Kit;

namespace Orchestrator.Infra.Tests.Workflows;

/// <summary>What every GitHub workflow of ours keeps to.</summary>
internal static partial class WorkflowRules
{
    // What a job may be granted beyond reading the sources.
    private static readonly string[] Grants = ["contents: read", "packages: write", "id-token: write"];

    public static IReadOnlyList<string> Problems(object? workflow)
    {
        List<string> problems = [];
        if (Yaml.Text(workflow, "permissions", "contents") != "read" || Yaml.Entries(workflow, "permissions").Count != 1)
            problems.Add("the workflow itself may read contents and nothing else");
        foreach (var (name, job) in Yaml.Entries(workflow, "jobs"))
            problems.AddRange(Job(job).Select(p => $"{name}: {p}"));
        return problems;
    }

    private static IEnumerable<string> Job(object? job)
    {
        if (Yaml.Text(job, "timeout-minutes") is null)
            yield return "it needs timeout-minutes";
        if (Yaml.Text(job, "runs-on") is not { } machine || machine.EndsWith("latest", StringComparison.Ordinal))
            yield return "runs-on needs a version";
        foreach (var (what, right) in Yaml.Entries(job, "permissions"))
        {
            if (!Grants.Contains($"{what}: {right}"))
                yield return $"it must not have {what}: {right}";
        }

        foreach (string problem in Yaml.List(job, "steps").SelectMany(Step))
            yield return problem;
    }

    private static IEnumerable<string> Step(object? step)
    {
        if (Yaml.Text(step, "uses") is { } uses)
        {
            if (!Version().IsMatch(uses))
                yield return $"{uses} needs a version or a commit";
            if (uses.StartsWith("actions/checkout@", StringComparison.Ordinal) && Yaml.Text(step, "with", "persist-credentials") != "false")
                yield return "checkout must not leave its token behind";
        }

        if (Yaml.Text(step, "run") is not { } script)
            yield break;
        // An expression inside a script is pasted in before the shell reads it: whoever names a branch writes code.
        if (script.Contains("${{", StringComparison.Ordinal))
            yield return "scripts take expressions through env, not inside";
        foreach (string path in Paths().Matches(script).Select(m => m.Value))
        {
            if (!Repository.IsExecutable(path))
                yield return $"{path} is not an executable file of the repository";
        }
    }

    [GeneratedRegex(@"^[\w.-]+/[\w./-]+@(v\d+|[0-9a-f]{40})$")]
    private static partial Regex Version();

    // A command of ours: at the start of a line or of a substitution.
    [GeneratedRegex(@"(?<=^|\$\()(tests|infra)/[\w./-]+", RegexOptions.Multiline)]
    private static partial Regex Paths();
}
