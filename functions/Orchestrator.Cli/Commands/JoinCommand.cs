using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Local;

namespace Orchestrator.Cli;

/// <summary><c>join</c>: a worker of this machine in a network that runs on another.</summary>
public static class JoinCommand
{
    private const string AnyHost = "host";

    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var ticket = new Argument<string>("ticket") { Description = "What 'orchestrator up --address' printed" };
        var host = new Option<string>("--host") { Description = "Account that is paid: a-z, 0-9 and '-'", DefaultValueFactory = _ => MachineName() };
        var address = new Option<string?>("--address") { Description = "Name or address of this machine that other workers can dial; without it they come through the relay" };
        var threads = new Option<int>("--threads") { Description = "Threads per shard", DefaultValueFactory = _ => 1 };
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder of the worker: key, shards, log", DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(Connection.StateFolder, "worker")) };
        var command = new Command("join", "Run a worker on this machine in a network of another one, until Ctrl-C.") { ticket, host, address, threads, data };
        command.SetAction(async (parsed, cancel) =>
        {
            if (!JoinTicket.TryParse(parsed.GetValue(ticket), out var network))
                throw new CliException("that is no ticket: copy the whole line that 'orchestrator up --address' printed, in quotes", ExitCodes.Usage);
            var worker = new JoinedWorker
            {
                Ticket = network,
                Folder = parsed.GetValue(data)!.FullName,
                Host = parsed.GetValue(host)!,
                Address = parsed.GetValue(address),
                Threads = parsed.GetValue(threads),
            };
            if (worker.Problem() is { } problem)
                throw new CliException(problem, ExitCodes.Usage);
            await using var supervisor = new ProcessSupervisor(TimeProvider.System);
            supervisor.Restarted += _ => terminal.Note("[yellow]the worker ended and was started again[/]");
            var process = worker.Process();
            string ready = await terminal.ProgressAsync($"joining {network.Gateway.Authority}", () => supervisor.StartAsync(process, cancel));
            terminal.Note($"node [bold]{JsonNode.Parse(ready)!["node"]}[/] works for {network.Gateway.Authority}; log: {process.LogFile}. Ctrl-C drains and stops it.");
            await StopSignal.WaitAsync(cancel);
            terminal.Note("[grey]draining…[/]");
            return ExitCodes.Success;
        });
        return command;
    }

    private static string MachineName()
    {
        string name = new([.. Environment.MachineName.ToLowerInvariant().Where(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-').Take(63)]);
        return name.Length > 0 ? name : AnyHost;
    }
}
