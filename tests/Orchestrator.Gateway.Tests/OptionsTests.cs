using Orchestrator.Gateway.Hosting;
using Orchestrator.Gateway.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.Gateway.Tests;

public sealed class OptionsTests
{
    [Fact]
    public async Task Everything_that_is_wrong_is_told_at_once_with_its_fix()
    {
        var options = new GatewayOptions { NodePort = 70_000, MaxNodes = 0, MaxNodesPerAddress = 0, NewNodes = -1, NewNodesPerAddress = -1, MaxConnectionsPerAddress = -1, Silence = TimeSpan.FromSeconds(6), Lease = TimeSpan.FromMinutes(2), TokenKeyFile = "/nowhere" };

        string message = (await Should.ThrowAsync<InvalidDataException>(() => GatewayHost.StartAsync(options))).Message;

        foreach (string name in new[] { "NodePort", "MaxNodes", "MaxNodesPerAddress", "NewNodesPerAddress", "NewNodes", "MaxConnectionsPerAddress", "Silence", "Lease", "TokenKeyFile", "CertificateFile", "BlobFolder" })
            message.ShouldContain($"Gateway:{name}");
    }

    [Fact]
    public async Task Files_that_are_no_certificate_are_named()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["tls.crt"], "no certificate");
        File.WriteAllText(folder["tls.key"], "no key");

        (await Should.ThrowAsync<InvalidDataException>(() => GatewayHost.StartAsync(TestGateway.Options(folder)))).Message.ShouldContain(folder["tls.crt"]);
    }

    [Fact]
    public void The_defaults_need_a_certificate_and_blobs_and_nothing_else()
    {
        using var folder = new TempFolder();
        GatewayOptionsCheck.Errors(new GatewayOptions { CertificateFile = folder["a"], CertificateKeyFile = folder["b"], SelfSigned = true, BlobFolder = folder["c"] }).ShouldBeEmpty();
    }
}
