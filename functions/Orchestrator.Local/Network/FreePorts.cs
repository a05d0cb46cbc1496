using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Local;

/// <summary>Finds loopback ports nobody uses. A restarted process must come back on its old port, so ports are chosen once, up front.</summary>
public static class FreePorts
{
    /// <summary>Distinct ports that were free a moment ago.</summary>
    public static Queue<int> Take(int count)
    {
        var sockets = new List<Socket>(count);
        try
        {
            for (int i = 0; i < count; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            }

            return new Queue<int>(sockets.Select(s => ((IPEndPoint)s.LocalEndPoint!).Port));
        }
        finally
        {
            sockets.ForEach(s => s.Dispose());
        }
    }

    /// <summary>Whether a loopback port can be bound now; 0 always can.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }
}
