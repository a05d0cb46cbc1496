using System.Runtime.InteropServices;
using System.Text.Json;
using Orchestrator.Gateway.Hosting;

GatewayOptions options;
GatewayHost host;
try
{
    var configuration = GatewayConfiguration.Read(args);
    options = GatewayConfiguration.Bind(configuration);
    host = await GatewayHost.StartAsync(options, configuration);
}
catch (Exception e) when (e is ArgumentException or FormatException or IOException or InvalidDataException or InvalidOperationException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}

var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
void Signal(PosixSignalContext signal)
{
    signal.Cancel = true;
    if (!stop.TrySetResult())
        Environment.Exit(130);
}

using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Signal);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Signal);
if (options.StopWhenInputCloses)
    _ = Task.Run(async () =>
    {
        using var input = Console.OpenStandardInput();
        await input.CopyToAsync(Stream.Null);
        stop.TrySetResult();
    });

Console.WriteLine(JsonSerializer.Serialize(ReadyLine.Of(host), ReadyJson.Default.ReadyLine));
await stop.Task;
await host.DrainAsync();
await host.DisposeAsync();
return 0;
