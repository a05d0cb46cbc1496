using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Benchmarks.Floor;

/// <summary>Stage processes in a ring that begins and ends here.</summary>
internal sealed class FloorChain : IDisposable
{
    private readonly List<Process> stages = [];
    private readonly byte[] message = new byte[FloorStage.MessageBytes];
    private Socket? first;
    private Socket? last;

    /// <summary>Starts the processes, each with its share of the memory.</summary>
    internal static FloorChain Start(int stages, int megabytesPerStage)
    {
        var chain = new FloorChain();
        try
        {
            using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            int next = ((IPEndPoint)listener.LocalEndPoint!).Port;
            for (int stage = 0; stage < stages; stage++)
                next = chain.StartStage(megabytesPerStage, next);
            chain.last = listener.Accept();
            chain.first = FloorStage.Connect(next);
            return chain;
        }
        catch
        {
            chain.Dispose();
            throw;
        }
    }

    /// <summary>Sends a message round.</summary>
    /// <returns>Microseconds of the round, and of the sweeps in it.</returns>
    internal (double Round, double Sweeps) Pass()
    {
        message.AsSpan().Clear();
        long start = Stopwatch.GetTimestamp();
        first!.Send(message);
        if (!FloorStage.TryRead(last!, message))
            throw new EndOfStreamException("A stage process ended.");
        return (Stopwatch.GetElapsedTime(start).TotalMicroseconds, BinaryPrimitives.ReadInt64LittleEndian(message) * (1e6 / Stopwatch.Frequency));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        first?.Dispose();
        last?.Dispose();
        foreach (var stage in stages)
        {
            // Each ends with the connection before it; what does not is ended.
            if (!stage.WaitForExit(TimeSpan.FromSeconds(5)))
                stage.Kill();
            stage.Dispose();
        }
    }

    private int StartStage(int megabytes, int next)
    {
        var info = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            info.ArgumentList.Add(typeof(FloorChain).Assembly.Location);
        foreach (string argument in (string[])["floor-stage", Text(megabytes), Text(next)])
            info.ArgumentList.Add(argument);
        var process = Process.Start(info)!;
        stages.Add(process);
        return int.Parse(process.StandardOutput.ReadLine() ?? throw new EndOfStreamException("A stage process did not start."), CultureInfo.InvariantCulture);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
