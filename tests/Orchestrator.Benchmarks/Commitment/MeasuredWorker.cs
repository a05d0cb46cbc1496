using Orchestrator.Worker.Hosting;

namespace Orchestrator.Benchmarks.Commitment;

/// <summary>
/// The worker that node hosts run, as a process of this program, with one thing more: sessions opened while <see cref="Omit"/> is in force commit to nothing.
/// It is a program of its own: no option of the worker leaves commitments out.
/// </summary>
internal static class MeasuredWorker
{
    /// <summary>What local networks start as their nodes.</summary>
    internal const string Assembly = "Orchestrator.Benchmarks.dll";

    private const string OrderVariable = "ORCHESTRATOR_BENCHMARK_UNCOMMITTED";

    /// <summary>Whether these are the arguments of a node's process.</summary>
    internal static bool Starts(string[] args) => args is ["--config", _];

    /// <summary>Names the file by which workers that are started from now on are told.</summary>
    internal static void Prepare(string orderFile) => Environment.SetEnvironmentVariable(OrderVariable, orderFile);

    /// <summary>Has sessions commit to nothing from now on, or commit again.</summary>
    internal static void Omit(string orderFile, bool omit)
    {
        if (omit)
            File.WriteAllBytes(orderFile, []);
        else
            File.Delete(orderFile);
    }

    /// <summary>Runs as the worker's process does.</summary>
    internal static Task<int> RunAsync(string[] args)
    {
        string? order = Environment.GetEnvironmentVariable(OrderVariable);
        return WorkerProcess.RunAsync(args, (options, configuration) => WorkerHost.StartAsync(
            options, configuration: configuration, aroundCommitter: committer => File.Exists(order) ? new NoCommitter(committer) : committer));
    }
}
