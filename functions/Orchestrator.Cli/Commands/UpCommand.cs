using System.CommandLine;
using Orchestrator.Local;
using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder;
using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary><c>up</c>: a local network that stays until it is stopped.</summary>
public static class UpCommand
{
    private const int DefaultPort = 8080;

    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var nodes = new Option<int>("--nodes") { Description = "Worker processes", DefaultValueFactory = _ => 8 };
        var chains = new Option<int>("--chains") { Description = "Disjoint chains that must agree", DefaultValueFactory = _ => 2 };
        var stages = new Option<int>("--stages") { Description = "Shards of the bundled model", DefaultValueFactory = _ => 4 };
        var port = new Option<int>("--port") { Description = "Loopback port of the HTTP API; 0 picks one", DefaultValueFactory = _ => DefaultPort };
        var gateway = new Option<bool>("--gateway") { Description = "Workers join through a gateway that they dial, as hosts of other clusters do, and have no sidecar" };
        var relay = new Option<bool>("--relay") { Description = "Run a relay too and reach nodes through it only, as if none could be dialled" };
        var address = new Option<string?>("--address") { Description = "Name or address of this machine at which workers of other machines join ('orchestrator join'); means --gateway" };
        var gatewayPort = new Option<int>("--gateway-port") { Description = "Port they dial; the relay's is the next one", DefaultValueFactory = _ => LocalNetworkOptions.DefaultGatewayPort };
        var expect = new Option<int>("--expect") { Description = "Workers of other machines to wait for before the model is placed; more may join later" };
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder of the network; kept between runs", DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(Connection.StateFolder, "network")) };
        var metrics = new Option<int>("--metrics-port") { Description = "Loopback port of the control plane's Prometheus metrics; the sidecar, actors and workers follow on the next ports; 0 serves none" };
        var command = new Command("up", "Start a local network with the bundled model and keep it running until Ctrl-C.") { nodes, chains, stages, port, metrics, gateway, relay, address, gatewayPort, expect, data };
        command.SetAction(async (parsed, cancel) =>
        {
            var options = new LocalNetworkOptions
            {
                Folder = parsed.GetValue(data)!.FullName,
                Nodes = parsed.GetValue(nodes),
                Chains = parsed.GetValue(chains),
                Port = parsed.GetValue(port),
                MetricsPort = parsed.GetValue(metrics),
                Referee = true,
                Gateways = parsed.GetValue(gateway) || parsed.GetValue(address) is not null ? 1 : 0,
                Address = parsed.GetValue(address),
                GatewayPort = parsed.GetValue(gatewayPort),
                Relay = parsed.GetValue(relay),
            };
            int shards = parsed.GetValue(stages);
            if (shards < 1)
                throw new CliException($"--stages must be 1 or more, not {shards}", ExitCodes.Usage);
            if (options.Validate() is { Count: > 0 } errors)
                throw new CliException(string.Join(' ', errors), ExitCodes.Usage);
            int workers = options.Nodes + parsed.GetValue(expect);
            if (parsed.GetValue(expect) < 0 || workers < options.Chains)
                throw new CliException($"{options.Chains} disjoint chains need at least {options.Chains} workers: raise --nodes, or --expect where others join", ExitCodes.Usage);
            if (!FreePorts.IsFree(options.Port))
                throw new CliException($"port {options.Port} is in use: choose another with --port, or let --port 0 pick one");
            await using var network = await terminal.ProgressAsync($"starting {options.Nodes} workers", () => LocalNetwork.StartAsync(options, TimeProvider.System, cancel));
            network.Processes.Restarted += name => terminal.Note($"[yellow]{name} ended and was started again[/]");
            var connection = new Connection(network.Endpoint, network.ApiKeyFile);
            connection.Save();
            try
            {
                if (network.Plan.Ticket is { } ticket)
                    Invite(terminal, ticket);
                await terminal.ProgressAsync($"publishing {BundledModel.Name} and waiting for {workers} workers", async () => { await PublishAsync(connection, options, shards, workers, cancel); return 0; });
                Welcome(terminal, network);
                await StopSignal.WaitAsync(cancel);
            }
            finally
            {
                connection.Forget();
                terminal.Note("[grey]stopping…[/]");
            }

            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task PublishAsync(Connection connection, LocalNetworkOptions options, int stages, int workers, CancellationToken cancel)
    {
        string folder = Path.Combine(options.Folder, "models", BundledModel.Name);
        await new ModelSharder(new OnnxModelRuntime()).ShardAsync(
            BundledModel.Path, new ShardingOptions { Name = BundledModel.Name, Stages = stages, OutputFolder = folder, Verify = false }, cancel);
        using var client = new ApiClient(connection);
        var publisher = new ModelPublisher(client, TimeProvider.System);
        await publisher.PublishAsync(ShardedModel.Load(folder), _ => { }, cancel);
        await publisher.PlaceAsync(BundledModel.Name, options.Chains, workers, cancel);
        await HostBonds.MakeAsync(client, cancel);
        await publisher.WaitReadyAsync(BundledModel.Name, options.Chains, cancel);
    }

    private static void Invite(Terminal terminal, JoinTicket ticket) =>
        terminal.WriteRaw($"Workers of other machines join with:  orchestrator join \"{ticket}\"{Environment.NewLine}");

    private static void Welcome(Terminal terminal, LocalNetwork network)
    {
        terminal.Out.MarkupLineInterpolated($"""
            [bold]{BundledModel.Name}[/] is served at {network.Endpoint}v1

              export OPENAI_BASE_URL={network.Endpoint}v1
              export OPENAI_API_KEY=$(cat {network.ApiKeyFile})

            In another terminal:  orchestrator run "What is the capital of France?"
                                  orchestrator nodes list
            Logs are in {network.Plan.Folder.Logs}. Ctrl-C stops everything.
            """);
        terminal.Out.WriteLine();
    }
}
