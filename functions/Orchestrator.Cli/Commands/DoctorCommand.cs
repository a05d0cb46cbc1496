using System.CommandLine;
using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary><c>doctor</c>: says whether this machine can run nodes, and whether a network answers.</summary>
public static class DoctorCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var command = new Command("doctor", "Check this machine and the connection to a network.");
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            List<Check> checks = [.. MachineChecks.Run(Connection.StateFolder), await NetworkAsync(connection, parsed, cancel)];
            if (connection.Json(parsed))
                terminal.WriteJson(checks);
            else
                Print(terminal, checks);
            return checks.Any(c => c.State == CheckState.Error) ? ExitCodes.Failure : ExitCodes.Success;
        });
        return command;
    }

    private static async Task<Check> NetworkAsync(ConnectionOptions options, ParseResult parsed, CancellationToken cancel)
    {
        Connection connection;
        try
        {
            connection = options.Resolve(parsed);
        }
        catch (CliException e)
        {
            return options.Named(parsed)
                ? new("network", CheckState.Error, e.Message)
                : new("network", CheckState.Warning, "none known: start one with 'orchestrator up'");
        }

        try
        {
            using var client = new ApiClient(connection);
            var models = await client.GetAsync("v1/models", cancel);
            return new("network", CheckState.Ok, $"{connection.Endpoint} serves {models["data"]!.AsArray().Count} models");
        }
        catch (CliException e)
        {
            return new("network", CheckState.Error, e.Message);
        }
    }

    private static void Print(Terminal terminal, List<Check> checks)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "", "");
        foreach (var check in checks)
        {
            string mark = check.State switch { CheckState.Ok => "[green]ok[/]", CheckState.Warning => "[yellow]warning[/]", _ => "[red]error[/]" };
            table.AddRow(mark, Markup.Escape(check.Name), Markup.Escape(check.Detail));
        }

        terminal.Out.Write(table);
    }
}
