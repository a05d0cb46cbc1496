using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Orchestrator.Controller.Reconciling;
using Orchestrator.TestKit;
using Orchestrator.Worker.Identity;

namespace Orchestrator.Controller.Tests;

/// <summary>Asking a pod which node it is.</summary>
public sealed class ProbeTests
{
    [Fact]
    public async Task A_workers_certificate_tells_its_node()
    {
        using var certificate = NodeCertificate.Create(Some.Node(5), TimeProvider.System);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, certificate);

        var node = await Probe(listener).ReadAsync("127.0.0.1", CancellationToken.None);

        node.ShouldBe(Some.Node(5));
        await serving;
    }

    [Fact]
    public async Task Nobody_and_somebody_else_are_no_node()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var closing = CloseAsync(listener);
        (await Probe(listener).ReadAsync("127.0.0.1", CancellationToken.None)).ShouldBeNull();
        await closing;
        var probe = Probe(listener);
        listener.Stop();
        (await probe.ReadAsync("127.0.0.1", CancellationToken.None)).ShouldBeNull();
    }

    private static TlsNodeProbe Probe(TcpListener listener) => new(((IPEndPoint)listener.LocalEndpoint).Port, TimeSpan.FromSeconds(20), TimeProvider.System);

    private static async Task ServeAsync(TcpListener listener, NodeCertificate certificate)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsServerAsync(certificate.Certificate);
        _ = await tls.ReadAsync(new byte[1]);
    }

    private static async Task CloseAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync();
    }
}
