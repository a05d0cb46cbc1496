using Orchestrator.Infra.Tests.Kit;

namespace Orchestrator.Infra.Tests.Components;

public sealed class ComponentProfileTests
{
    private static readonly string[] Files = ["pubsub.yaml", "resiliency.yaml", "secretstore.yaml", "statestore.yaml"];
    // The same whatever broker and store there are.
    private static readonly string[] Shared = ["configuration.yaml", "subscriptions.yaml"];

    /// <summary>Profiles by what they promise; the folder "" is the default.</summary>
    public static TheoryData<string, string, string> Profiles => new()
    {
        { "", "pubsub.redis", "state.redis" },
        { "rabbitmq", "pubsub.rabbitmq", "state.redis" },
        { "postgres", "pubsub.rabbitmq", "state.postgresql" },
        { "servicebus", "pubsub.azure.servicebus.topics", "state.redis" },
        { "cosmos", "pubsub.azure.servicebus.topics", "state.azure.cosmosdb" },
    };

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_profile_is_complete_and_of_the_types_it_promises(string profile, string pubsub, string state)
    {
        var folder = Repository.At("dapr-components", profile);

        Directory.GetFiles(folder, "*.y*ml").Select(Path.GetFileName).ShouldBe(profile == "" ? Files.Concat(Shared) : Files, ignoreOrder: true);
        Type(folder, "pubsub").ShouldBe(pubsub);
        Type(folder, "statestore").ShouldBe(state);
        Type(folder, "secretstore").ShouldBe("secretstores.kubernetes");
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_profile_says_only_what_Dapr_documents_and_refers_to_its_secrets(string profile, string pubsub, string state)
    {
        _ = (pubsub, state);
        foreach (var file in Files.Where(f => f != "resiliency.yaml"))
            ComponentRules.Problems(Yaml.Map(File.ReadAllText(Repository.At("dapr-components", profile, file)))).ShouldBeEmpty($"{profile}/{file}");
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Retries_and_the_secret_store_do_not_depend_on_the_profile(string profile, string pubsub, string state)
    {
        _ = (pubsub, state);
        foreach (var file in (string[])["resiliency.yaml", "secretstore.yaml"])
            File.ReadAllText(Repository.At("dapr-components", profile, file)).ShouldBe(File.ReadAllText(Repository.At("dapr-components", file)));
    }

    [Fact]
    public void Every_folder_is_a_profile_that_these_tests_and_the_README_know()
    {
        var folders = Directory.GetDirectories(Repository.At("dapr-components")).Select(Path.GetFileName).ToList();

        folders.ShouldBe(Profiles.Select(p => p.Data.Item1).Where(p => p.Length > 0), ignoreOrder: true);
        var readme = File.ReadAllText(Repository.At("dapr-components", "README.md"));
        folders.ShouldAllBe(f => readme.Contains($"`{f}/`"));
    }

    [Theory]
    [InlineData("{ name: redisPassword, value: hunter2 }", "is a secret")]
    [InlineData("{ name: redisHost, value: 'redis://me:pw@host' }", "looks like a credential")]
    [InlineData("{ name: redisHosts, value: a }", "has no metadata 'redisHosts'")]
    [InlineData("{ name: redisPassword, secretKeyRef: { name: redis } }", "whole secretKeyRef")]
    [InlineData("{ name: redisPassword, secretKeyRef: { name: redis, key: p } }", "auth.secretStore")]
    public void A_wrong_component_is_noticed(string item, string problem) =>
        ComponentRules.Problems(Yaml.Map($"spec:\n  type: pubsub.redis\n  version: v1\n  metadata: [ {item} ]")).ShouldContain(p => p.Contains(problem));

    [Theory]
    [InlineData("spec: { type: state.postgresql, version: v1 }", "not one that the profiles use")]
    [InlineData("spec: { type: state.redis, version: v1 }", "actorStateStore")]
    public void A_wrong_store_is_noticed(string component, string problem) =>
        ComponentRules.Problems(Yaml.Map(component)).ShouldContain(p => p.Contains(problem));

    private static string? Type(string folder, string name)
    {
        var component = Yaml.Map(File.ReadAllText(Path.Combine(folder, $"{name}.yaml")));
        Yaml.Text(component, "metadata", "name").ShouldBe(name);
        return Yaml.Text(component, "spec", "type");
    }
}
