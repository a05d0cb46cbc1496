using System.CommandLine;

namespace Orchestrator.Cli;

/// <summary><c>demo</c>: the whole product in one command, on this machine, on its own scratch folder.</summary>
public static class DemoCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var output = ConnectionOptions.Output();
        var keep = new Option<DirectoryInfo?>("--keep") { Description = "Run in this folder and leave it, logs included" };
        var command = new Command("demo", "Answer three questions with eight local workers, two chains that must agree, and compare with the uncut model.") { output, keep };
        command.SetAction(async (parsed, cancel) =>
        {
            await Task.Yield(); // Ctrl-C waits for the clean-up below only once this task exists
            bool json = parsed.GetValue(output) == OutputFormat.Json;
            var people = new ConsoleDemoView(terminal);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(Limit);
            string? kept = parsed.GetValue(keep)?.FullName;
            string folder = kept ?? Directory.CreateTempSubdirectory("orchestrator-demo-").FullName;
            try
            {
                var report = await new DemoRun(folder, json ? new QuietDemoView(terminal) : people).RunAsync(limit.Token);
                if (json)
                    terminal.WriteJson(report);
                else
                    people.Summary(report);
                return report.Ok ? ExitCodes.Success : ExitCodes.Failure;
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                throw new CliException($"the demo took longer than {Limit.TotalMinutes} minutes: run it with --keep DIR and read the logs in DIR/network/logs");
            }
            finally
            {
                if (kept is null)
                    Directory.Delete(folder, recursive: true);
            }
        });
        return command;
    }
}
