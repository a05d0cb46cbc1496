using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Orchestrator.Contracts;

namespace Orchestrator.Worker.Tests.Network;

/// <summary>A relay with a good certificate and bad intent: it believes every hello, leads all dials to one data plane and flips a bit on the way there.</summary>
internal sealed class TamperingRelay : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 certificate;
    private readonly IPEndPoint target;
    private readonly int at;
    private readonly Task accepting;

    public TamperingRelay(X509Certificate2 certificate, string target, int at)
    {
        (this.certificate, this.target, this.at) = (certificate, IPEndPoint.Parse(target), at);
        listener.Start();
        accepting = AcceptAsync();
    }

    public RelayEndpoint Endpoint => new(listener.LocalEndpoint.ToString()!, Digest.Of(certificate.GetRawCertData()));

    /// <summary>Whether a byte was changed.</summary>
    public bool Changed { get; private set; }

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await listener.AcceptTcpClientAsync();
            _ = ServeAsync(client).ContinueWith(_ => client.Dispose(), TaskScheduler.Default);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsServerAsync(certificate);
        await SendAsync(tls, $$"""{"schemaVersion":1,"challenge":"{{Convert.ToBase64String(new byte[32])}}"}""");
        byte[] length = new byte[2];
        await tls.ReadExactlyAsync(length);
        await tls.ReadExactlyAsync(new byte[(length[0] << 8) | length[1]]);
        await SendAsync(tls, """{"code":"Accepted"}""");
        using var far = new TcpClient();
        await far.ConnectAsync(target);
        await using var stream = far.GetStream();
        await Task.WhenAny(stream.CopyToAsync(tls), TamperAsync(tls, stream));
    }

    private async Task TamperAsync(Stream from, Stream to)
    {
        byte[] buffer = new byte[1 << 14];
        long position = 0;
        for (int read; (read = await from.ReadAsync(buffer)) > 0; position += read)
        {
            if (position <= at && at < position + read)
            {
                buffer[at - position] ^= 1;
                Changed = true;
            }

            await to.WriteAsync(buffer.AsMemory(0, read));
        }
    }

    private static async Task SendAsync(Stream stream, string json)
    {
        byte[] body = Encoding.UTF8.GetBytes(json);
        await stream.WriteAsync((byte[])[(byte)(body.Length >> 8), (byte)body.Length, .. body]);
    }
}
