using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Contracts;

namespace Orchestrator.Controller.Reconciling;

/// <summary>
/// Reads the node's id from the certificate that a worker presents. The certificate proves nothing by itself; that the pod at this address is the
/// controller's own, running its image, does. What a node publishes of itself could be said by anyone.
/// </summary>
public sealed class TlsNodeProbe(int port, TimeSpan limit, TimeProvider time) : INodeProbe
{
    private const string CommonName = "CN=";

    /// <inheritdoc />
    public async Task<NodeId?> ReadAsync(string address, CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address, port, both.Token);
            await using var tls = new SslStream(client.GetStream());
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = address,
                EnabledSslProtocols = SslProtocols.Tls13,
                CertificateChainPolicy = null,
#pragma warning disable CA5359 // Every worker signs its own certificate; only the name in it is read.
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
            };
            await tls.AuthenticateAsClientAsync(options, both.Token);
            return Read(tls.RemoteCertificate);
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException
            || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }

    private static NodeId? Read(X509Certificate? certificate) =>
        certificate?.Subject is { } subject && subject.StartsWith(CommonName, StringComparison.Ordinal) && NodeId.TryParse(subject[CommonName.Length..], out var node)
            ? node
            : null;
}
