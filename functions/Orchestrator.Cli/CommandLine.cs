using System.CommandLine;
using System.CommandLine.Parsing;

namespace Orchestrator.Cli;

/// <summary>The <c>orchestrator</c> command: parses, runs, and turns failures into one line and an exit code.</summary>
public static class CommandLine
{
    // Stopping a network's processes and deleting its folder takes a few seconds on a busy machine.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    /// <summary>Runs one command.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var terminal = new Terminal();
        var root = Root(terminal);
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            var unknown = parsed.Errors.FirstOrDefault(e => parsed.UnmatchedTokens.Any(t => e.Message.Contains($"'{t}'", StringComparison.Ordinal)));
            await System.Console.Error.WriteLineAsync($"error: {OneLine((unknown ?? parsed.Errors[0]).Message)} (see '{CommandPath(parsed)} --help')");
            return ExitCodes.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = StopLimit });
        }
        catch (CliException e)
        {
            await System.Console.Error.WriteLineAsync("error: " + e.Message);
            return e.ExitCode;
        }
        catch (OperationCanceledException)
        {
            await System.Console.Error.WriteLineAsync("error: interrupted");
            return ExitCodes.Interrupted;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or InvalidOperationException or UnauthorizedAccessException)
        {
            await System.Console.Error.WriteLineAsync("error: " + OneLine(e.Message));
            return ExitCodes.Failure;
        }
    }

    /// <summary>All commands.</summary>
    public static RootCommand Root(Terminal terminal) => new("Verified LLM inference on machines that nobody has to trust.\nExit codes: 0 done, 1 failed, 2 wrong command line, 3 a replay differs, 130 interrupted.")
    {
        DemoCommand.Create(terminal),
        UpCommand.Create(terminal),
        JoinCommand.Create(terminal),
        RunCommand.Create(terminal),
        ModelCommand.Create(terminal),
        NodesCommand.Create(terminal),
        JobsCommand.Create(terminal),
        ReceiptsCommand.Create(terminal),
        DisputesCommand.Create(terminal),
        StakeCommand.Create(terminal),
        EconomicsCommand.Create(terminal),
        DrillCommand.Create(terminal),
        DoctorCommand.Create(terminal),
        CompletionCommand.Create(terminal),
        ChildCommands.Sidecar(),
        ChildCommands.ControlPlane(),
        ChildCommands.Relay(),
    };

    private static string CommandPath(ParseResult parsed)
    {
        string path = "";
        for (var result = parsed.CommandResult; result.Parent is CommandResult parent; result = parent)
            path = $" {result.Command.Name}{path}";
        return "orchestrator" + path;
    }

    private static string OneLine(string message) => string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
