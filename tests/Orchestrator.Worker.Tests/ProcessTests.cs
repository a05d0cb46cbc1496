using System.Diagnostics;
using System.Text.Json;
using Orchestrator.Contracts;
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
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Orchestrator.Worker.dll")])
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
