using System.CommandLine;

namespace Orchestrator.Cli;

/// <summary>The <c>orchestrator</c> command: parses, runs, and turns failures into one line and an exit code.</summary>
public static class CommandLine
{
    /// <summary>Runs one command.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var terminal = new Terminal();
        var root = Root(terminal);
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            string hint = string.Join(' ', new[] { "orchestrator" }.Concat(args.TakeWhile(a => !a.StartsWith('-'))).Append("--help"));
            await System.Console.Error.WriteLineAsync($"error: {OneLine(parsed.Errors[0].Message)} (see '{hint}')");
            return ExitCodes.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (CliException e)
        {
            await System.Console.Error.WriteLineAsync("error: " + e.Message);
            return e.ExitCode;
        }
        catch (OperationCanceledException)
        {
            await System.Console.Error.WriteLineAsync("error: cancelled");
            return ExitCodes.Failure;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or InvalidOperationException or UnauthorizedAccessException)
        {
            await System.Console.Error.WriteLineAsync("error: " + OneLine(e.Message));
            return ExitCodes.Failure;
        }
    }

    /// <summary>All commands.</summary>
    public static RootCommand Root(Terminal terminal) => new("Verified LLM inference on machines that nobody has to trust.")
    {
        DemoCommand.Create(terminal),
        UpCommand.Create(terminal),
        RunCommand.Create(terminal),
        ModelCommand.Create(terminal),
        NodesCommand.Create(terminal),
        JobsCommand.Create(terminal),
        DoctorCommand.Create(terminal),
        CompletionCommand.Create(terminal),
        ChildCommands.Sidecar(),
        ChildCommands.ControlPlane(),
    };

    private static string OneLine(string message) => string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
