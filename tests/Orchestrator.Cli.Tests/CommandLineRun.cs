using System.Text;

namespace Orchestrator.Cli.Tests;

/// <summary>Runs the command in this process and captures both streams. The console is one per process, so runs take turns.</summary>
public sealed record CommandLineRun(int ExitCode, string Out, string Err)
{
    private static readonly SemaphoreSlim Turn = new(1);

    public static async Task<CommandLineRun> Of(params string[] args)
    {
        await Turn.WaitAsync(TestContext.Current.CancellationToken);
        var (stdout, stderr) = (Console.Out, Console.Error);
        StringBuilder capturedOut = new(), capturedErr = new();
        try
        {
            Console.SetOut(new StringWriter(capturedOut));
            Console.SetError(new StringWriter(capturedErr));
            int code = await CommandLine.RunAsync(args);
            return new CommandLineRun(code, capturedOut.ToString(), capturedErr.ToString());
        }
        finally
        {
            Console.SetOut(stdout);
            Console.SetError(stderr);
            Turn.Release();
        }
    }
}
