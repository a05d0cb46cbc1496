namespace Orchestrator.Charts.Tests.Kit;

/// <summary>A chart with one of its values files.</summary>
/// <param name="Chart">Folder below <c>charts</c>.</param>
/// <param name="Name">The file is <c>values-{Name}.yaml</c>.</param>
/// <param name="Kube">Versions of Kubernetes it must render for.</param>
/// <param name="Secrets">Secrets that the values name and somebody else makes, with their keys.</param>
/// <param name="Objects">Other objects that somebody else makes, as <c>Kind/name</c>.</param>
internal sealed record Profile(string Chart, string Name, string[] Kube, IReadOnlyDictionary<string, string[]> Secrets, string[] Objects)
{
    private static readonly string[] EveryKube = ["1.30.0", "1.33.0", "1.36.0"];

    public static IReadOnlyList<Profile> All { get; } =
    [
        new("orchestrator", "minimal", EveryKube, External(), []),
        new("orchestrator", "production", EveryKube, External(
            "orchestrator-platform:platform.key,api-keys.json", "gateway-tls:tls.crt,tls.key", "orchestrator-controller:api-key", "orchestrator-durable:durable,webjobs",
            "orchestrator-rabbitmq:connectionString", "orchestrator-postgresql:connectionString", "orchestrator-dapr-api-token:token", "orchestrator-dapr-app-token:token",
            "orchestrator-test-key:api-key", "orchestrator-gateway-token:token", "api-example-com:tls.crt,tls.key"), ["PriorityClass/platform"]),
        new("orchestrator", "azure", EveryKube, External(
            "orchestrator-platform:platform.key,api-keys.json", "gateway-tls:tls.crt,tls.key", "orchestrator-durable:durable,webjobs", "orchestrator-dapr-api-token:token",
            "orchestrator-dapr-app-token:token", "orchestrator-gateway-token:token", "orchestrator-gateway-key:api-key"), []),
        new("node", "minimal", EveryKube, External(), []),
        new("node", "node-host", EveryKube, External("node-identity:*"), []),
        new("node", "dra", ["1.34.0", "1.35.0", "1.36.0"], External(
            "orchestrator-dapr-api-token:token", "orchestrator-dapr-app-token:token", "node-broker-tls:ca.crt,tls.crt,tls.key"), []),
    ];

    public static TheoryData<string, string> Names { get; } = Table(All);

    public string Folder => Repository.At("charts", Chart);

    public string[] Arguments => ["--values", Path.Combine(Folder, $"values-{Name}.yaml")];

    public static Profile Of(string chart, string name) => All.Single(p => p.Chart == chart && p.Name == name);

    public override string ToString() => $"{Chart}/{Name}";

    private static TheoryData<string, string> Table(IEnumerable<Profile> profiles)
    {
        var table = new TheoryData<string, string>();
        foreach (var profile in profiles)
            table.Add(profile.Chart, profile.Name);
        return table;
    }

    private static Dictionary<string, string[]> External(params string[] secrets) =>
        secrets.Select(s => s.Split(':')).ToDictionary(s => s[0], s => s[1].Split(','));
}
