using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Orchestrator.Local;

/// <summary>Finds loopback ports nobody uses. A restarted process must come back on its old port, so ports are chosen once, up front.</summary>
public static class FreePorts
{
    // Below 32768, where Linux takes ports for outgoing connections: one of those could take a port between our look and its use.
    private const int First = 10_000;
    private const int End = 32_000;

    /// <summary>Distinct ports that are free now, from a random place on so that networks that start together do not meet.</summary>
    /// <exception cref="InvalidOperationException">There are not so many.</exception>
    public static Queue<int> Take(int count)
    {
        var found = new Queue<int>(count);
        int start = RandomNumberGenerator.GetInt32(First, End);
        for (int i = 0; i < End - First && found.Count < count; i++)
        {
            int port = First + (start - First + i) % (End - First);
            if (IsFree(port))
                found.Enqueue(port);
        }

        return found.Count == count ? found : throw new InvalidOperationException($"{count} free loopback ports were not found between {First} and {End}.");
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
