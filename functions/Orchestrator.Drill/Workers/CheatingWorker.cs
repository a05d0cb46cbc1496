using Microsoft.Extensions.Configuration;
using Orchestrator.Contracts;
using Orchestrator.Onnx.Execution;
using Orchestrator.Onnx.Offline;
using Orchestrator.Verification;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Drill.Workers;

/// <summary>
/// The worker that node hosts run, with a loader, a runtime, terms of draws and a way to the platform that cheat when a drill orders it. It is a program of its own: no option of the worker
/// makes it cheat.
/// </summary>
public static class CheatingWorker
{
    /// <summary>Has a worker, when it starts the next time, let the runtime optimize its shards once more: an execution class of its own, as honest as any.</summary>
    /// <param name="keyFile">The node's key file.</param>
    public static void ChangeClass(string keyFile) => File.WriteAllBytes(Optimized(keyFile), []);

    private static string Optimized(string keyFile) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(keyFile))!, "optimized");

    /// <summary>Runs as the worker's process does.</summary>
    public static Task<int> RunAsync(string[] args) => WorkerProcess.RunAsync(args, StartAsync);

    private static async Task<WorkerHost> StartAsync(WorkerOptions options, IConfiguration configuration)
    {
        var order = new CheatOrder(options.KeyFile);
        var key = SigningKey.LoadOrCreate(options.KeyFile);
        var optimization = File.Exists(Optimized(options.KeyFile)) ? OnlineOptimization.Extended : OnlineOptimization.Disabled;
        WorkerHost? host = null;
        host = await WorkerHost.StartAsync(
            options,
            new CheatingLoader(new OnnxStageLoader(new OnnxOptions(IntraOpThreads: options.Threads, Optimization: optimization)), order, () => host is { ActiveSessions: > 0 }),
            configuration: configuration,
            runtime: new CheatingRuntime(new OnnxModelRuntime(), order),
            around: bus => new CheatingBus(bus, order, key, WorkerHost.EvidenceFolder(options, key.Node), new HeardClaims(NetworkOf(options.KeyFile))),
            terms: terms => order.Cheat == CheatOrder.WrongSampling ? OwnLetter(terms) : terms);
        return host;
    }

    /// <summary>A letter that is better than any other token, whatever the logits say.</summary>
    private static SamplingParameters OwnLetter(SamplingParameters terms) => terms with { LogitBias = new Dictionary<int, double> { ['X'] = 100 } };

    /// <summary>The folder with the folders of all nodes.</summary>
    private static string NetworkOf(string keyFile) => Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(keyFile)))!;
}
