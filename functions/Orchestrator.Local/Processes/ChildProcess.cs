using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Orchestrator.Local;

/// <summary>
/// A started child. It prints one line when it is ready, logs to standard error, and stops by itself when its standard input
/// closes, which also happens when this process dies: no child outlives its supervisor.
/// </summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private const int MostQuoted = 300;

    private readonly Process process;
    private readonly Task pump;
    private readonly TaskCompletionSource<string> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ChildProcess(ProcessSpec spec, Process process, StreamWriter log)
    {
        Spec = spec;
        this.process = process;
        Id = process.Id;
        pump = Task.WhenAll(ReadOutputAsync(), CopyErrorsAsync(log));
    }

    /// <summary>What was started.</summary>
    public ProcessSpec Spec { get; }

    /// <summary>Operating system process id.</summary>
    public int Id { get; }

    /// <summary>Starts the process under the same .NET runtime as this one.</summary>
    public static ChildProcess Start(ProcessSpec spec)
    {
        var info = new ProcessStartInfo(RuntimeHost())
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(spec.LogFile),
        };
        info.ArgumentList.Add(spec.Assembly);
        foreach (string argument in spec.Arguments)
            info.ArgumentList.Add(argument);
        foreach (var (name, value) in spec.Environment)
            info.Environment[name] = value;
        Directory.CreateDirectory(Path.GetDirectoryName(spec.LogFile)!);
        var log = new StreamWriter(new FileStream(spec.LogFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        return new ChildProcess(spec, Process.Start(info)!, log);
    }

    /// <summary>Completes with the ready line.</summary>
    /// <exception cref="InvalidOperationException">The process ended first; the message quotes the last line of its log and names the file.</exception>
    public Task<string> WaitReadyAsync(CancellationToken cancel) => ready.Task.WaitAsync(cancel);

    /// <summary>Completes with the exit code.</summary>
    public async Task<int> WaitExitAsync(CancellationToken cancel = default)
    {
        await process.WaitForExitAsync(cancel);
        await pump.WaitAsync(cancel);
        return process.ExitCode;
    }

    /// <summary>Kills the process at once (SIGKILL).</summary>
    public void Kill()
    {
        if (!process.HasExited)
            process.Kill();
    }

    /// <summary>Closes the input, waits for the process to end, and kills it when it does not within the grace.</summary>
    public async Task StopAsync(TimeSpan grace, TimeProvider time)
    {
        try
        {
            process.StandardInput.Close();
            using var limit = new CancellationTokenSource(grace, time);
            await WaitExitAsync(limit.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            Kill();
            await WaitExitAsync();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Kill();
        await WaitExitAsync();
        process.Dispose();
    }

    private async Task ReadOutputAsync()
    {
        if (await process.StandardOutput.ReadLineAsync() is { } first)
            ready.TrySetResult(first);
        while (await process.StandardOutput.ReadLineAsync() is not null)
        {
            // Only the first line means anything; the rest is drained so that the child never blocks.
        }

        await process.WaitForExitAsync();
        ready.TrySetException(new InvalidOperationException(
            $"{Spec.Name} ended with code {process.ExitCode} before it was ready: {LastLine(Spec.LogFile)} (log: {Spec.LogFile})"));
        _ = ready.Task.Exception;
    }

    private async Task CopyErrorsAsync(StreamWriter log)
    {
        await using (log)
        {
            while (await process.StandardError.ReadLineAsync() is { } line)
                await log.WriteLineAsync(line);
        }
    }

    private static string LastLine(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        // Stack traces say nothing to whoever typed the command.
        string? last = reader.ReadToEnd().Split('\n').LastOrDefault(line => line.Trim().Length > 0 && !line.TrimStart().StartsWith("at ", StringComparison.Ordinal));
        return last is null ? "it said nothing" : last.Trim() is { Length: > MostQuoted } longer ? longer[..MostQuoted] + "…" : last.Trim();
    }

    // An apphost may not find a runtime that was not installed machine-wide; the muxer next to our own runtime always does.
    private static string RuntimeHost() =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
}
