using Orchestrator.Charts.Tests.Kit;
using Orchestrator.Contracts;
using Orchestrator.Sidecar.Components;

namespace Orchestrator.Charts.Tests;

/// <summary>Dapr's objects of the chart are those of <c>dapr-components</c>, and the local sidecar reads them.</summary>
public sealed class DaprTests
{
    /// <summary>What the chart makes its objects from; profiles of the folder repeat each other. Secrets come through Dapr's operator, not through a store.</summary>
    private static readonly string[] Carried =
    [
        "configuration.yaml", "pubsub.yaml", "resiliency.yaml", "statestore.yaml", "subscriptions.yaml",
        "rabbitmq/pubsub.yaml", "servicebus/pubsub.yaml", "postgres/statestore.yaml", "cosmos/statestore.yaml",
    ];

    public static TheoryData<string> Platforms => [.. Profile.All.Where(p => p.Chart == "orchestrator").Select(p => p.Name)];

    [Fact]
    public void The_chart_carries_the_files_as_they_are()
    {
        string copies = Repository.At("charts", "orchestrator", "files", "dapr");
        foreach (string file in Carried)
            Repository.ShouldHold(Path.Combine(copies, file), File.ReadAllText(Repository.At("dapr-components", file)));
        Directory.GetFiles(copies, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(copies, f)).ShouldBe(Carried, ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Platforms))]
    public void The_local_sidecar_reads_what_is_rendered(string profile)
    {
        var set = Load(profile);

        set.Find("pubsub", Topics.PubSub, "control-plane").ShouldNotBeNull();
        set.Find("pubsub", Topics.PubSub, "gateway").ShouldNotBeNull();
        set.Find("pubsub", Topics.PubSub, "somebody").ShouldBeNull();
        set.ActorStateStore.ShouldNotBeNull().IsFor("actors").ShouldBeTrue();
        set.ActorStateStore!.IsFor("gateway").ShouldBeFalse("only actors touch stakes and accounts");
        set.Inbound(Topics.PubSub, "control-plane").Retry.MaxRetries.ShouldBeGreaterThan(3);
        foreach (string topic in new[] { Topics.Nodes, Topics.Results, Topics.Audits })
        {
            var subscription = set.Subscriptions.Single(s => s.Topic == topic);
            subscription.IsFor("control-plane").ShouldBeTrue();
            subscription.IsFor("actors").ShouldBeFalse();
            subscription.DeadLetterTopic.ShouldBe(Topics.DeadLetter(topic));
            subscription.DefaultRoute.ShouldBe($"/messages/{topic}");
        }
    }

    [Theory]
    [InlineData("minimal", "", "pubsub.yaml", "statestore.yaml")]
    [InlineData("production", "", "rabbitmq/pubsub.yaml", "postgres/statestore.yaml")]
    [InlineData("azure", "", "servicebus/pubsub.yaml", "servicebus/statestore.yaml")]
    [InlineData("azure", "state.type=cosmosdb,state.cosmosdb.url=https://example.documents.azure.com", "servicebus/pubsub.yaml", "cosmos/statestore.yaml")]
    public void A_component_says_what_its_file_says_but_for_the_installation(string profile, string set, string pubsub, string state)
    {
        var read = set.Length == 0 ? Load(profile) : Load(Rendering.With(Profile.Of("orchestrator", profile), "1.33.0", "--set", set));
        string[] installation = ["redisHost", "redisPassword", "enableTLS", "namespaceName", "url"];
        foreach (var (name, file) in new[] { ("pubsub", pubsub), ("statestore", state) })
        {
            var committed = Only(ComponentReader.Read(File.ReadAllText(Repository.At("dapr-components", file)), file, new ComponentSet()), name);
            var rendered = Only(read, name);
            rendered.Type.ShouldBe(committed.Type);
            rendered.Version.ShouldBe(committed.Version);
            Said(rendered).ShouldBe(Said(committed), ignoreOrder: true);
        }

        IEnumerable<KeyValuePair<string, string>> Said(Component component) => component.Metadata.Where(m => !installation.Contains(m.Key));
        static Component Only(ComponentSet set, string name) => set.Components.Single(c => c.Name == name);
    }

    [Fact]
    public void Metadata_of_the_values_wins_over_the_file()
    {
        var manifests = Rendering.With(Profile.Of("orchestrator", "minimal"), "1.33.0", "--set-json", "pubsub.extraMetadata=[{\"name\":\"queueDepth\",\"value\":\"7\"}]");

        var items = manifests.Single(m => m.Id == "Component/pubsub").Root.At("spec").Items("metadata").Where(i => i.Text("name") == "queueDepth").ToList();
        items.ShouldHaveSingleItem().Text("value").ShouldBe("7");
    }

    [Theory]
    [MemberData(nameof(Platforms))]
    public void Sidecars_deny_what_nobody_needs(string profile)
    {
        var manifests = Rendering.Of("orchestrator", profile);
        var configuration = manifests.Single(m => m.Kind == "Configuration").Root.At("spec");

        configuration.At("accessControl").Text("defaultAction").ShouldBe("deny");
        foreach (var app in manifests.Where(m => m.PodTemplate.Path("metadata", "annotations").Text("dapr.io/enabled") == "true"))
        {
            var annotations = app.PodTemplate.Path("metadata", "annotations").Pairs();
            manifests.ShouldContain(m => m.Kind == "Configuration" && m.Name == annotations["dapr.io/config"]);
            annotations.ShouldContainKey("dapr.io/api-token-secret");
            annotations.ShouldContainKey("dapr.io/app-token-secret");
            app.PodTemplate.Containers().Single().Items("ports").Select(p => p.Text("containerPort")).ShouldContain(annotations["dapr.io/app-port"]);
        }
    }

    [Fact]
    public void A_node_has_the_platforms_component_with_credentials_that_no_other_app_gets()
    {
        string file = Repository.At("dapr-components", "rabbitmq", "pubsub.yaml");
        Repository.ShouldHold(Repository.At("charts", "node", "files", "dapr", "rabbitmq", "pubsub.yaml"), File.ReadAllText(file));
        var committed = ComponentReader.Read(File.ReadAllText(file), file, new ComponentSet()).Components.Single();
        var manifest = Rendering.Of("node", "dra").Single(m => m.Kind == "Component");

        var set = ComponentReader.Read(manifest.Text, manifest.Id, new ComponentSet());

        const string node = "node-0000000000000000000000000000000000000000000000000000";
        var rendered = set.Find("pubsub", Topics.PubSub, node).ShouldNotBeNull();
        set.Find("pubsub", Topics.PubSub, node[..^1] + "1").ShouldBeNull();
        (rendered.Type, rendered.Version).ShouldBe((committed.Type, committed.Version));
        string[] own = ["connectionString", "saslExternal", "caCert", "clientCert", "clientKey"];
        rendered.Metadata.Keys.ShouldBe([.. own, .. committed.Metadata.Keys.Where(k => k != "connectionString")], ignoreOrder: true);
        rendered.Metadata.Where(m => !own.Contains(m.Key)).ShouldBe(committed.Metadata.Where(m => m.Key != "connectionString"), ignoreOrder: true);
        var items = manifest.Root.At("spec").Items("metadata").ToDictionary(i => i.Text("name")!, i => (i.Text("value"), i.At("secretKeyRef").Text("name"), i.At("secretKeyRef").Text("key")));
        items["connectionString"].ShouldBe(("amqps://rabbitmq.orchestrator.svc:5671/orchestrator", null, null));
        items["saslExternal"].Item1.ShouldBe("true");
        foreach (var (name, key) in new[] { ("caCert", "ca.crt"), ("clientCert", "tls.crt"), ("clientKey", "tls.key") })
            items[name].ShouldBe((null, "node-broker-tls", key));
        manifest.Root.At("auth").Text("secretStore").ShouldBe("kubernetes");
    }

    [Fact]
    public void A_node_without_a_brokers_address_brings_no_component() =>
        Rendering.With(Profile.Of("node", "dra"), "1.34.0", "--set", "dapr.broker.url=").ShouldNotContain(m => m.Kind == "Component");

    [Theory]
    [InlineData("", "Worker__BlobGatewayUrl", "https://gateway.example.com:8443", "8443")]
    [InlineData("dapr.blobUrl=http://blobs.example.com:8081", "Worker__BlobUrl", "http://blobs.example.com:8081", "8081")]
    public void A_node_with_a_broker_gets_its_shards_from_one_place_and_may_go_there(string set, string variable, string address, string port)
    {
        var manifests = Rendering.With(Profile.Of("node", "dra"), "1.34.0", ["--set", set.Length == 0 ? "replicas=1" : set]);

        var config = manifests.Single(m => m.Kind == "ConfigMap" && m.Root.At("data").Text("Worker__Host") is not null).Root.At("data").Pairs();
        config[variable].ShouldBe(address);
        config.Keys.Intersect(["Worker__GatewayUrl", "Worker__BlobGatewayUrl", "Worker__BlobUrl"]).ShouldBe([variable]);
        var ports = manifests.Single(m => m.Kind == "NetworkPolicy").Root.At("spec").Items("egress").SelectMany(e => e.Items("ports")).Select(p => p.Text("port"));
        ports.ShouldContain(port);
        ports.ShouldContain("5671");
    }

    private static ComponentSet Load(string profile) => Load(Rendering.Of("orchestrator", profile));

    private static ComponentSet Load(IReadOnlyList<Manifest> manifests) => manifests.Where(m => m.ApiVersion.StartsWith("dapr.io/", StringComparison.Ordinal))
        .Aggregate(new ComponentSet(), (set, manifest) => ComponentReader.Read(manifest.Text, manifest.Id, set));
}
