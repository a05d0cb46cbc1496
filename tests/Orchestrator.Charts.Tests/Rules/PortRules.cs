using Orchestrator.Charts.Tests.Kit;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Charts.Tests.Rules;

/// <summary>Who names a port names one that a container has.</summary>
internal static class PortRules
{
    /// <summary>Ports that are not in our templates: Dapr's injector adds the sidecar's.</summary>
    private static readonly string[] Injected = ["dapr-metrics", "50002", "9090"];

    public static IReadOnlyList<string> Violations(IReadOnlyList<Manifest> manifests) => [.. manifests.SelectMany(m => Violations(m, manifests))];

    private static IEnumerable<string> Violations(Manifest manifest, IReadOnlyList<Manifest> manifests)
    {
        foreach (var container in manifest.PodTemplate.Containers())
        {
            var ports = container.Items("ports").ToList();
            foreach (var twice in ports.GroupBy(p => p.Text("name")).Where(g => g.Count() > 1).Concat(ports.GroupBy(p => p.Text("containerPort")).Where(g => g.Count() > 1)))
                yield return $"{manifest.Id} has port {twice.Key} twice";
            foreach (string name in ports.Select(p => p.Text("name") ?? "").Where(n => n.Length is 0 or > 15))
                yield return $"{manifest.Id} has a port whose name '{name}' is refused";
            foreach (string probe in new[] { "startupProbe", "livenessProbe", "readinessProbe" })
            {
                string? port = container.At(probe).At("httpGet").Text("port") ?? container.At(probe).At("tcpSocket").Text("port");
                if (port is not null && !Has(container, port))
                    yield return $"{manifest.Id} probes port {port}, which it does not have";
            }
        }

        var pods = SelectorRules.SelectorOf(manifest) is { } selector ? SelectorRules.Selected(selector, manifests) : null;
        foreach (string port in pods is null ? [] : Asked(manifest).Select(p => p ?? "").Where(p => !Injected.Contains(p)))
        {
            if (!pods!.Any(pod => pod.PodTemplate.Containers().Any(c => Has(c, port))))
                yield return $"{manifest.Id} names port '{port}', which no selected pod has";
        }

        foreach (var (service, port) in Backends(manifest))
        {
            if (!manifests.Any(m => m.Kind == "Service" && m.Name == service && m.Root.At("spec").Items("ports").Any(p => p.Text("name") == port || p.Text("port") == port)))
                yield return $"{manifest.Id} leads to port {port} of service {service}, which is not there";
        }
    }

    /// <summary>Ports that an object names on the pods it selects.</summary>
    public static IEnumerable<string?> Asked(Manifest manifest) => manifest.Kind switch
    {
        "Service" => manifest.Root.At("spec").Items("ports").Select(p => p.Text("targetPort")),
        "PodMonitor" => manifest.Root.At("spec").Items("podMetricsEndpoints").Select(p => p.Text("port")),
        "NetworkPolicy" => manifest.Root.At("spec").Items("ingress").SelectMany(i => i.Items("ports")).Select(p => p.Text("port")),
        _ => [],
    };

    private static IEnumerable<(string? Service, string? Port)> Backends(Manifest manifest) => manifest.Kind switch
    {
        "Ingress" => manifest.Root.At("spec").Items("rules").SelectMany(r => r.At("http").Items("paths")).Select(p => p.Path("backend", "service"))
            .Select(s => (s.Text("name"), s.At("port").Text("name") ?? s.At("port").Text("number"))),
        "HTTPRoute" => manifest.Root.At("spec").Items("rules").SelectMany(r => r.Items("backendRefs")).Select(b => (b.Text("name"), b.Text("port"))),
        _ => [],
    };

    private static bool Has(YamlNode container, string port) => container.Items("ports").Any(p => p.Text("name") == port || p.Text("containerPort") == port);
}
