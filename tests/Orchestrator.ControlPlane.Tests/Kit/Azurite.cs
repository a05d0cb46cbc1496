using System.Diagnostics;
using System.Text.RegularExpressions;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests.Kit;

/// <summary>Microsoft's storage emulator on a loopback port of its own choice, keeping everything in memory. Missing, it fails the tests; <c>tests/run</c> installs it.</summary>
public sealed partial class Azurite : IAsyncLifetime
{
    // The emulator's published account; there is no other.
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly TempFolder folder = new();
    private Process? process;

    public string ConnectionString { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        string script = Path.Combine(Platform.Repository(), "tests", "Orchestrator.ControlPlane.Tests", "azurite", "node_modules", "azurite", "dist", "src", "blob", "main.js");
        if (!File.Exists(script))
            throw new InvalidOperationException($"Azurite is not installed: run npm ci --ignore-scripts in {Path.GetFullPath(Path.Combine(script, "../../../../../.."))}, or tests/run.");
        var info = new ProcessStartInfo("node") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.Path };
        foreach (string argument in (string[])[script, "--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"])
            info.ArgumentList.Add(argument);
        process = Process.Start(info) ?? throw new InvalidOperationException("node does not start.");
        using var limit = new CancellationTokenSource(Patience);
        var said = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            said.Add(line);
            if (Listening().Match(line) is { Success: true } match)
            {
                ConnectionString = $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};BlobEndpoint={match.Groups[1].Value}/{Account};";
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
                return;
            }
        }

        throw new InvalidOperationException($"Azurite ended before it listened: {string.Join(' ', said)} {await process.StandardError.ReadToEndAsync(limit.Token)}");
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        folder.Dispose();
    }

    [GeneratedRegex(@"listens on (http://127\.0\.0\.1:\d+)")]
    private static partial Regex Listening();
}
