using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Orchestrator.Onnx.Execution;

namespace Orchestrator.Cli;

/// <summary>What the machine must have to run nodes and a local network.</summary>
public static class MachineChecks
{
    private const long NeededMemory = 2L << 30;
    private const long NeededDisk = 1L << 30;

    /// <summary>Looks at everything.</summary>
    public static IEnumerable<Check> Run(string folder) =>
    [
        new(".NET runtime", CheckState.Ok, RuntimeInformation.FrameworkDescription),
        Guarded("ONNX Runtime", Onnx),
        Guarded("bundled model", Model),
        Memory(),
        Guarded("disk", () => Disk(folder)),
        Guarded("loopback", Loopback),
        Instructions(),
    ];

    private static Check Onnx()
    {
        var loader = new OnnxStageLoader();
        return new("ONNX Runtime", CheckState.Ok, $"{loader.Class.Runtime}, provider {loader.Class.Provider}");
    }

    private static Check Model() => File.Exists(BundledModel.Path)
        ? new("bundled model", CheckState.Ok, $"{BundledModel.Name}, {new FileInfo(BundledModel.Path).Length / 1e6:F1} MB")
        : new("bundled model", CheckState.Error, $"{BundledModel.Path} is missing: build the command again");

    private static Check Memory()
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return available >= NeededMemory
            ? new("memory", CheckState.Ok, $"{available / 1e9:F1} GB")
            : new("memory", CheckState.Warning, $"{available / 1e9:F1} GB: a local network of eight nodes needs about 2 GB; use fewer with --nodes");
    }

    private static Check Disk(string folder)
    {
        long free = new DriveInfo(System.IO.Path.GetPathRoot(System.IO.Path.GetFullPath(folder))!).AvailableFreeSpace;
        return free >= NeededDisk
            ? new("disk", CheckState.Ok, $"{free / 1e9:F1} GB free")
            : new("disk", CheckState.Error, $"{free / 1e9:F1} GB free: journals and shards need at least 1 GB");
    }

    private static Check Loopback()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return new("loopback", CheckState.Ok, "127.0.0.1 can be bound");
    }

    private static Check Instructions() => Fma.IsSupported || RuntimeInformation.ProcessArchitecture == Architecture.Arm64
        ? new("instructions", CheckState.Ok, RuntimeInformation.ProcessArchitecture + (Fma.IsSupported ? " with FMA" : ""))
        : new("instructions", CheckState.Warning, "no FMA: results are exact only among machines without it");

    private static Check Guarded(string name, Func<Check> check)
    {
        try
        {
            return check();
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or IOException or SocketException or UnauthorizedAccessException or ArgumentException)
        {
            return new(name, CheckState.Error, e.GetBaseException().Message.ReplaceLineEndings(" "));
        }
    }
}
