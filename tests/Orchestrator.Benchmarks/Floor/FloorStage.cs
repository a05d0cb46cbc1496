using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Benchmarks.Floor;

/// <summary>A process that waits for a message, sweeps its memory and passes the message on. Blocking sockets, nothing else.</summary>
internal static class FloorStage
{
    /// <summary>Bytes of a message: a hidden state of 512 floats and a header.</summary>
    internal const int MessageBytes = 2112;

    /// <summary>Listens on a free port, prints it, and serves one connection until it ends.</summary>
    internal static int Run(int megabytes, int next)
    {
        var sweep = new WeightSweep(megabytes);
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var down = Connect(next);
        Console.WriteLine(((IPEndPoint)listener.LocalEndPoint!).Port);
        using var up = listener.Accept();
        byte[] message = new byte[MessageBytes];
        while (TryRead(up, message))
        {
            long start = Stopwatch.GetTimestamp();
            sweep.Run(0, 1);
            // The way of the message adds up what the stages computed.
            long computed = BinaryPrimitives.ReadInt64LittleEndian(message) + Stopwatch.GetTimestamp() - start;
            BinaryPrimitives.WriteInt64LittleEndian(message, computed);
            down.Send(message);
        }

        return 0;
    }

    internal static Socket Connect(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    internal static bool TryRead(Socket socket, byte[] message)
    {
        for (int at = 0; at < message.Length;)
        {
            int read = socket.Receive(message, at, message.Length - at, SocketFlags.None);
            if (read == 0)
                return false;
            at += read;
        }

        return true;
    }
}
