using Microsoft.Extensions.Configuration;
using Orchestrator.Onnx.Execution;
using Orchestrator.Onnx.Offline;
using Orchestrator.Verification;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Drill.Workers;

/// <summary>
/// The worker that node hosts run, with a loader, a runtime and a way to the platform that cheat when a drill orders it. It is a program of its own: no option of the worker
/// makes it cheat.
/// </summary>
public static class CheatingWorker
{
    /// <summary>Runs as the worker's process does.</summary>
    public static Task<int> RunAsync(string[] args) => WorkerProcess.RunAsync(args, StartAsync);

    private static async Task<WorkerHost> StartAsync(WorkerOptions options, IConfiguration configuration)
    {
        var order = new CheatOrder(options.KeyFile);
        var key = SigningKey.LoadOrCreate(options.KeyFile);
        WorkerHost? host = null;
        host = await WorkerHost.StartAsync(
            options,
            new CheatingLoader(new OnnxStageLoader(new OnnxOptions(IntraOpThreads: options.Threads)), order, () => host is { ActiveSessions: > 0 }),
            configuration: configuration,
            runtime: new CheatingRuntime(new OnnxModelRuntime(), order),
            around: bus => new CheatingBus(bus, order, key, WorkerHost.EvidenceFolder(options, key.Node)));
        return host;
    }
}
