using System.Runtime.CompilerServices;

namespace Orchestrator.Cli.Tests;

/// <summary>Keeps these tests off the network that the user of this machine may have running.</summary>
internal static class OwnState
{
    [ModuleInitializer]
    internal static void Isolate()
    {
        string folder = Directory.CreateTempSubdirectory("orchestrator-cli-state-").FullName;
        Environment.SetEnvironmentVariable("XDG_STATE_HOME", folder);
        Environment.SetEnvironmentVariable(Connection.EndpointVariable, null);
        Environment.SetEnvironmentVariable(Connection.KeyFileVariable, null);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
    }
}
