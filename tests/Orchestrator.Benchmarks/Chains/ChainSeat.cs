using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Orchestrator.Contracts;
using Orchestrator.Local;

namespace Orchestrator.Benchmarks.Chains;

/// <summary>A worker as its platform sees it.</summary>
/// <param name="Node">Its identity.</param>
/// <param name="App">Where messages to it are delivered.</param>
/// <param name="AppToken">What a delivery must present; null when nothing is asked.</param>
/// <param name="DataEndpoint"><c>host:port</c> of its data plane.</param>
/// <param name="StreamEndpoint">Base address of its stream API.</param>
/// <param name="Certificate">Of both endpoints.</param>
internal sealed record ChainSeat(NodeId Node, Uri App, string? AppToken, string DataEndpoint, Uri StreamEndpoint, Digest Certificate)
{
    /// <summary>A worker process of a local network. Its certificate is made at its start, so the worker is asked for it.</summary>
    internal static async Task<ChainSeat> OfAsync(LocalNode node, CancellationToken cancel) => new(
        node.Id,
        new Uri($"http://127.0.0.1:{node.App.AppPort}"),
        node.App.AppToken,
        $"127.0.0.1:{node.DataPort}",
        new Uri($"https://127.0.0.1:{node.StreamPort}"),
        await PresentedAsync(node, cancel));

    private static async Task<Digest> PresentedAsync(LocalNode node, CancellationToken cancel)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", node.StreamPort, cancel);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "node",
                EnabledSslProtocols = SslProtocols.Tls13,
                RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.Subject == $"CN={node.Id}",
            },
            cancel);
        return Digest.Of(tls.RemoteCertificate!.GetRawCertData());
    }
}
