using System.Runtime.InteropServices;
using k8s.Exceptions;
using Orchestrator.Controller.Hosting;
using Orchestrator.Telemetry;

ControllerHost host;
ProcessTelemetry telemetry;
try
{
    var configuration = ControllerConfiguration.Read(args);
    var options = ControllerConfiguration.Bind(configuration);
    telemetry = await ProcessTelemetry.StartAsync(configuration, "orchestrator-controller");
    // The only place where chance comes from.
#pragma warning disable RS0030
    host = await ControllerHost.StartAsync(options, ControllerConfiguration.Connect(options), Random.Shared.NextDouble, configuration: configuration);
#pragma warning restore RS0030
}
catch (Exception e) when (e is ArgumentException or FormatException or IOException or InvalidDataException or InvalidOperationException or KubeConfigException)
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
await Task.WhenAny(stop.Task, host.Running);
await host.StopAsync();
// A lost lease is a failure: the kubelet starts the process anew, as a candidate.
int code = await host.Running ? 0 : 1;
await host.DisposeAsync();
await telemetry.DisposeAsync();
return code;
