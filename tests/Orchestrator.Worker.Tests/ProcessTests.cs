using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder;
using Orchestrator.Verification;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Tests.Network;

namespace Orchestrator.Worker.Tests;

/// <summary>The worker as its supervisor sees it: a process, its pipes and its exit code.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("worker-process-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_worker_says_that_it_is_ready_and_goes_when_its_supervisor_does()
    {
        using var worker = Start(Settings());
        var cancel = TestContext.Current.CancellationToken;
        string? line = await worker.StandardOutput.ReadLineAsync(cancel).AsTask().WaitAsync(TestNetwork.Patience, cancel);
        var ready = JsonSerializer.Deserialize(line.ShouldNotBeNull(), ReadyJson.Default.ReadyLine)!;
        using var key = SigningKey.LoadOrCreate(Path.Combine(folder, "node.key"));
        ready.Node.ShouldBe(key.Node.Value);
        ready.ProcessId.ShouldBe(worker.Id);
        Digest.TryParse(ready.CertificateDigest, out _).ShouldBeTrue();

        worker.StandardInput.Close();
        await worker.WaitForExitAsync(cancel).WaitAsync(TestNetwork.Patience, cancel);
        worker.ExitCode.ShouldBe(0);
        (await worker.StandardOutput.ReadToEndAsync(cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_worker_with_wrong_settings_says_what_to_fix_and_exits_with_2()
    {
        using var worker = Start(new Dictionary<string, string>());
        var cancel = TestContext.Current.CancellationToken;
        string error = await worker.StandardError.ReadToEndAsync(cancel).WaitAsync(TestNetwork.Patience, cancel);
        await worker.WaitForExitAsync(cancel).WaitAsync(TestNetwork.Patience, cancel);
        worker.ExitCode.ShouldBe(2);
        error.ShouldContain("Worker:KeyFile");
        error.ShouldContain("Worker:PlatformKey");
    }

    [Fact]
    public async Task A_signal_drains_what_runs_before_the_process_goes()
    {
        var cancel = TestContext.Current.CancellationToken;
        var (worker, peer, assignment) = await StartWithSessionAsync();
        using (worker)
        await using (peer)
        {
            Signal(worker, "TERM");
            await SaysAsync(worker, "Draining: 1 sessions");
            // Serving still: only with the session's end does it go.
            await peer.SendAsync(MessageTypes.Cancellation, new Cancellation(1, assignment.Node, assignment.Session, assignment.ExpiresAt), ContractsJson.Default.Cancellation);
            await worker.WaitForExitAsync(cancel).WaitAsync(TestNetwork.Patience, cancel);
            worker.ExitCode.ShouldBe(0, await worker.StandardError.ReadToEndAsync(cancel));
        }
    }

    [Fact]
    public async Task A_second_signal_ends_the_process_at_once()
    {
        var cancel = TestContext.Current.CancellationToken;
        var (worker, peer, _) = await StartWithSessionAsync();
        using (worker)
        await using (peer)
        {
            Signal(worker, "TERM");
            await SaysAsync(worker, "Draining: 1 sessions");
            Signal(worker, "INT");
            await worker.WaitForExitAsync(cancel).WaitAsync(TestNetwork.Patience, cancel);
            worker.ExitCode.ShouldBe(130);
        }
    }

    /// <summary>A worker process that holds the second half of the bundled model and a session on it whose first half never opens it.</summary>
    private async Task<(Process Worker, ProcessPlatform Platform, Assignment Assignment)> StartWithSessionAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        var sharded = await new ModelSharder(new OnnxModelRuntime()).ShardAsync(
            Path.Combine(AppContext.BaseDirectory, "tiny-chat.onnx"),
            new ShardingOptions { Name = "tiny-chat", Stages = 2, OutputFolder = Path.Combine(folder, "shards"), Verify = false },
            cancel);
        var blobs = new FolderBlobStore(Path.Combine(folder, "blobs"));
        await blobs.PutAsync(new MemoryStream(sharded.ManifestBytes.ToArray()), cancel);
        await using (var shard = File.OpenRead(sharded.ShardPaths[1]))
            await blobs.PutAsync(shard, cancel);

        var platform = new ProcessPlatform();
        var settings = Settings();
        settings["Worker__PlatformKey"] = platform.PublicKey;
        settings["Worker__DrainGrace"] = "01:00:00";
        var worker = Start(settings);
        string? line = await worker.StandardOutput.ReadLineAsync(cancel).AsTask().WaitAsync(TestNetwork.Patience, cancel);
        var ready = JsonSerializer.Deserialize(line.ShouldNotBeNull(), ReadyJson.Default.ReadyLine)!;
        NodeId.TryParse(ready.Node, out var node).ShouldBeTrue();
        Digest.TryParse(ready.CertificateDigest, out var certificate).ShouldBeTrue();
        platform.Port = ready.AppPort;
        await platform.SendAsync(MessageTypes.Placement, new Placement(1, node, sharded.ManifestDigest, [1], 1, DateTimeOffset.UtcNow), ContractsJson.Default.Placement);
        await SaysAsync(worker, "is ready");

        var job = JobId.New(TimeProvider.System);
        using var stranger = SigningKey.FromSeed(new byte[32]);
        var assignment = new Assignment(
            1, node, job, SessionId.Derive(job, 0, 0), 0, 0, sharded.ManifestDigest, 1,
            [new Hop(stranger.Node, sharded.Manifest.Stages[0].Layers, "127.0.0.1:1", Digest.Of("nobody"u8)), new Hop(node, sharded.Manifest.Stages[1].Layers, ready.DataEndpoint, certificate)],
            new SamplingParameters(), 1, 32, null, null, DateTimeOffset.UtcNow.AddHours(1));
        await platform.SendAsync(MessageTypes.Assignment, assignment, ContractsJson.Default.Assignment);
        return (worker, platform, assignment);
    }

    private static void Signal(Process process, string name)
    {
        using var kill = Process.Start("kill", ["-s", name, process.Id.ToString(CultureInfo.InvariantCulture)])!;
        kill.WaitForExit();
        kill.ExitCode.ShouldBe(0);
    }

    private static async Task SaysAsync(Process worker, string what)
    {
        var said = new List<string>();
        using var limit = new CancellationTokenSource(TestNetwork.Patience);
        while (await worker.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            said.Add(line);
            if (line.Contains(what, StringComparison.Ordinal))
                return;
        }

        Assert.Fail($"The worker never said '{what}' but: {string.Join(Environment.NewLine, said)}");
    }

    private Dictionary<string, string> Settings() => new()
    {
        ["Worker__KeyFile"] = Path.Combine(folder, "node.key"),
        ["Worker__Host"] = "host",
        ["Worker__BlobFolder"] = Path.Combine(folder, "blobs"),
        ["Worker__CacheFolder"] = Path.Combine(folder, "cache"),
        ["Worker__PlatformKey"] = new string('a', 64),
        ["Worker__StopWhenInputCloses"] = "true",
        // Nobody listens there: a worker starts before its sidecar.
        ["DAPR_GRPC_PORT"] = "1",
        ["DAPR_HTTP_PORT"] = "1",
    };

    private static Process Start(Dictionary<string, string> settings)
    {
        // A shell has what it runs in the background ignore SIGINT, and so would all that the tests start.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "Orchestrator.Worker.dll")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
