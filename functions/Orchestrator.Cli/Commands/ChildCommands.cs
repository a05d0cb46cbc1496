using System.CommandLine;
using Orchestrator.Local;

namespace Orchestrator.Cli;

/// <summary>What <c>up</c> and <c>demo</c> start as processes of their own; not meant to be typed.</summary>
public static class ChildCommands
{
    /// <summary>The Dapr-compatible sidecar.</summary>
    public static Command Sidecar() => Child(LocalNetwork.SidecarName, SidecarWithTelemetry.RunAsync);

    /// <summary>The control plane with its actors and its durable engine.</summary>
    public static Command ControlPlane() => Child(LocalNetwork.ControlPlaneName, ControlPlaneProcess.RunAsync);

    /// <summary>The relay.</summary>
    public static Command Relay() => Child(LocalNetwork.RelayName, RelayProcess.RunAsync);

    private static Command Child(string name, Func<string, Task<int>> run)
    {
        var config = new Option<FileInfo>("--config") { Required = true };
        var command = new Command(name) { config };
        command.Hidden = true;
        command.SetAction(parsed => run(parsed.GetValue(config)!.FullName));
        return command;
    }
}
