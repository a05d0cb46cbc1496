using System.Net;
using System.Net.Sockets;

namespace Orchestrator.ControlPlane.Webhooks;

/// <summary>
/// Makes HTTP clients that connect only to addresses that may be reached: the name is resolved here and the very address that was checked is
/// connected to, so that a name which resolves to something else the second time gains nothing. No redirects, proxies, cookies or kept connections.
/// </summary>
/// <param name="targets">What may be reached.</param>
/// <param name="resolve">Finds a name's addresses; null asks the system.</param>
public sealed class WebhookConnector(WebhookTargets targets, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
{
    private const int MaxHeaderKilobytes = 16;

    private readonly Func<string, CancellationToken, Task<IPAddress[]>> resolve = resolve ?? Dns.GetHostAddressesAsync;

    /// <summary>A client without a time limit of its own.</summary>
    public HttpClient Create() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectCallback = ConnectAsync,
        MaxResponseDrainSize = 0,
        MaxResponseHeadersLength = MaxHeaderKilobytes,
        PooledConnectionLifetime = TimeSpan.Zero,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var end = context.DnsEndPoint;
        var addresses = IPAddress.TryParse(end.Host.Trim('[', ']'), out var literal) ? [literal] : await resolve(end.Host, cancel);
        var allowed = addresses.Where(targets.MayReach).ToList();
        if (allowed.Count == 0)
            throw new WebhookRefusedException($"{end.Host} does not lead to a public address.");
        SocketException? last = null;
        foreach (var address in allowed)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, end.Port), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                last = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last!;
    }
}

/// <summary>A host leads where events must not be sent; trying again would not help.</summary>
public sealed class WebhookRefusedException(string message) : Exception(message);
