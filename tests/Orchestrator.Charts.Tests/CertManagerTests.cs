using Orchestrator.Charts.Tests.Kit;
using Orchestrator.Charts.Tests.Rules;
using Orchestrator.Charts.Tests.Strict;

namespace Orchestrator.Charts.Tests;

/// <summary>A gateway whose certificate cert-manager makes and renews.</summary>
public sealed class CertManagerTests
{
    private const string Issued = "gateway.tls.existingSecret=,gateway.tls.certManager.issuerRef.name=letsencrypt,gateway.tls.certManager.issuerRef.kind=ClusterIssuer";

    [Fact]
    public void The_certificate_is_for_every_name_that_nodes_dial_and_its_secret_is_the_one_that_gateways_show()
    {
        var production = Profile.Of("orchestrator", "production");
        var manifests = Rendering.With(production, "1.36.0", "--set", Issued + ",gateway.hosts={gateway.example.com},gateway.tls.certManager.duration=1440h");

        var certificate = manifests.Single(m => m.Kind == "Certificate");
        StrictKinds.Problem(certificate).ShouldBeNull();
        var spec = certificate.Root.At("spec");
        var hosts = manifests.Where(m => m.Kind == "Service").Select(m => m.Root.Path("metadata", "annotations").Text("external-dns.alpha.kubernetes.io/hostname")).Where(h => h is not null);
        spec.Items("dnsNames").Select(n => n.ToString()).ShouldBe(hosts.Prepend("gateway.example.com"), ignoreOrder: true);
        spec.At("issuerRef").Text("kind").ShouldBe("ClusterIssuer");
        (spec.Text("duration"), spec.Text("renewBefore")).ShouldBe(("1440h", null));
        // Where a secret is neither made nor issued the rule says so.
        var external = production.Secrets.Where(s => s.Key != "gateway-tls").ToDictionary();
        new ReferenceRules(external, production.Objects).Violations(manifests).ShouldBeEmpty();
        new ReferenceRules(external, production.Objects).Violations([.. manifests.Where(m => m != certificate)]).ShouldNotBeEmpty();
    }

    [Fact]
    public void The_chart_makes_none_beside_it()
    {
        var manifests = Rendering.With(Profile.Of("orchestrator", "minimal"), "1.36.0", "--set",
            "gateway.hosts={gateway.example.com},gateway.tls.certManager.issuerRef.name=own,controller.workers.environment.Worker__GatewayUrl=https://gateway.example.com:8443");

        manifests.ShouldNotContain(m => m.Kind == "Secret" && m.Root.Text("type") == "kubernetes.io/tls");
        manifests.Single(m => m.Kind == "Certificate").Root.At("spec").Text("secretName").ShouldBe("demo-orchestrator-gateway-issued");
    }
}
