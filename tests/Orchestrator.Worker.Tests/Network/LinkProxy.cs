using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Worker.Tests.Network;

/// <summary>A network path to one endpoint that a test can cut or make silent; the nodes at its ends live on.</summary>
internal sealed class LinkProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly List<Socket> sockets = [];
    private readonly IPEndPoint target;
    private readonly Task accepting;
    private volatile bool silent;

    public LinkProxy(string target)
    {
        this.target = IPEndPoint.Parse(target);
        listener.Start();
        accepting = AcceptAsync();
    }

    public string Endpoint => listener.LocalEndpoint.ToString()!;

    /// <summary>Resets every connection, and every later one.</summary>
    public void Cut()
    {
        listener.Stop();
        lock (sockets)
        {
            foreach (var socket in sockets)
                socket.Close(0);
        }
    }

    /// <summary>From now on bytes go nowhere, but connections stay.</summary>
    public void Silence() => silent = true;

    public async ValueTask DisposeAsync()
    {
        Cut();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var near = await listener.AcceptSocketAsync();
            var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await far.ConnectAsync(target);
            lock (sockets)
                sockets.AddRange([near, far]);
            _ = PumpAsync(near, far);
            _ = PumpAsync(far, near);
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[1 << 16];
        try
        {
            for (int read; (read = await from.ReceiveAsync(buffer)) > 0;)
            {
                if (!silent)
                    await to.SendAsync(buffer.AsMemory(0, read));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            to.Close(0);
        }
    }
}
