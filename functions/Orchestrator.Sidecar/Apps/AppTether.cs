using System.Net.Sockets;
using System.Text;

namespace Orchestrator.Sidecar.Apps;

/// <summary>
/// One connection held open to an app, so that the operating system says at once when the app dies or restarts.
/// A light request each half minute keeps the app's server from closing it as idle. Nothing is polled while it holds.
/// </summary>
internal sealed class AppTether : IDisposable
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    private readonly TcpClient _tcp;
    private readonly byte[] _request;

    private AppTether(TcpClient tcp, Uri endpoint)
    {
        _tcp = tcp;
        _request = Encoding.ASCII.GetBytes($"GET /healthz HTTP/1.1\r\nHost: {endpoint.Authority}\r\nUser-Agent: orchestrator-sidecar\r\n\r\n");
    }

    /// <exception cref="SocketException">The app does not listen.</exception>
    public static async Task<AppTether> ConnectAsync(Uri endpoint, CancellationToken stop)
    {
        var tcp = new TcpClient { NoDelay = true };
        try
        {
            await tcp.ConnectAsync(endpoint.Host, endpoint.Port, stop);
            return new AppTether(tcp, endpoint);
        }
        catch
        {
            tcp.Dispose();
            throw;
        }
    }

    /// <summary>Completes when the app's end closes, whatever the reason.</summary>
    public async Task HoldAsync(CancellationToken stop)
    {
        try
        {
            var stream = _tcp.GetStream();
            await using var timer = TimeProvider.System.CreateTimer(_ => Nudge(stream), null, KeepAlive, KeepAlive);
            var buffer = new byte[1024];
            while (await stream.ReadAsync(buffer, stop) > 0)
            {
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException)
        {
        }
    }

    public void Dispose() => _tcp.Dispose();

    private void Nudge(NetworkStream stream)
    {
        try
        {
            stream.Write(_request);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The reader sees the same end.
        }
    }
}
