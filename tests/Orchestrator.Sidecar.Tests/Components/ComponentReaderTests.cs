using CsCheck;
using Orchestrator.Sidecar.Components;
using Orchestrator.Sidecar.Tests.Kit;

namespace Orchestrator.Sidecar.Tests.Components;

public sealed class ComponentReaderTests
{
    private static readonly string[] Fragments =
    [
        "kind: ", "Component", "Subscription", "Resiliency", "metadata:", " name: x", "spec:", "type: pubsub.redis", "topic: t", "routes:",
        "default: /x", "rules:", "- ", "match: event.type == 'a'", "path: /y", "policies:", "retries:", "policy: exponential", "duration: 5s",
        "\n", "\n  ", "\n    ", "{", "}", "[", "]", ": ", "&a ", "*a", "!!binary ", "|", ">", "---", "\t", "\"", "'", "null", "-1", "é", "\0",
    ];

    [Fact]
    public void Any_text_is_read_or_refused_with_a_component_error() =>
        Gen.OneOf(Fragments).Array[0, 40].Sample(parts =>
        {
            try
            {
                ComponentReader.Read(string.Concat(parts), "f.yaml", new ComponentSet());
            }
            catch (ComponentException)
            {
            }
        }, iter: 3000);

    [Fact]
    public void A_component_keeps_its_metadata_and_scopes()
    {
        var name = Gen.String[Gen.Char['a', 'z'], 1, 8];
        var value = Gen.String[Gen.OneOf<char>(Gen.Char[' ', '~'], Gen.OneOf('é', '漢', '\n', '"')), 0, 20];
        Gen.Select(name, Gen.Dictionary(name, value)[0, 5], name.HashSet[0, 4]).Sample((id, metadata, scopes) =>
        {
            var yaml = $"kind: Component\nmetadata: {{ name: {Quote(id)} }}\nspec:\n  type: pubsub.redis\n  metadata: [{string.Join(", ", metadata.Select(m => $"{{ name: {Quote(m.Key)}, value: {Quote(m.Value)} }}"))}]\nscopes: [{string.Join(", ", scopes.Select(Quote))}]\n";

            var component = ComponentReader.Read(yaml, "f.yaml", new ComponentSet()).Components.ShouldHaveSingleItem();

            component.Name.ShouldBe(id);
            component.Metadata.ShouldBe(metadata, ignoreOrder: true);
            component.Scopes.ShouldBe(scopes, ignoreOrder: true);
        }, iter: 300);
    }

    [Theory]
    [InlineData("kind: Component\nspec: { type: pubsub.x }", "metadata.name")]
    [InlineData("kind: Component\nmetadata: { name: a }", "spec.type")]
    [InlineData("kind: Component\nmetadata: [ a ]", "metadata must be a mapping")]
    [InlineData("kind: Subscription\nmetadata: { name: s }\nspec: { pubsubname: p, topic: t }", "no route")]
    [InlineData("kind: Subscription\nmetadata: { name: s }\nspec: { pubsubname: p, topic: t, routes: { rules: [ { match: 'x ==', path: /a } ] } }", "match 'x =='")]
    [InlineData("kind: Resiliency\nspec: { policies: { retries: { a: { policy: odd } } } }", "'constant' or 'exponential'")]
    [InlineData("kind: Resiliency\nspec: { policies: { retries: { a: { duration: soon } } } }", "a duration such as 5s")]
    [InlineData("kind: Resiliency\nspec: { targets: { components: { pubsub: { inbound: { retry: none } } } } }", "the name of a policy")]
    [InlineData("a: b: c", "line 1")]
    public void Errors_name_the_place_and_the_fix(string yaml, string expected) =>
        Should.Throw<ComponentException>(() => ComponentReader.Read(yaml, "f.yaml", new ComponentSet())).Message.ShouldContain(expected);

    [Theory]
    [InlineData("")]
    [InlineData("rabbitmq")]
    [InlineData("postgres")]
    [InlineData("servicebus")]
    [InlineData("cosmos")]
    public void Every_profile_of_the_repository_is_readable_and_gives_every_topic_a_retry(string profile)
    {
        var set = ComponentReader.ReadFolder(Path.Combine(Repository(), "dapr-components", profile));

        set.Find("pubsub", "pubsub", "any").ShouldNotBeNull();
        set.Find("state", "statestore", "any").ShouldBe(set.ActorStateStore);
        set.Inbound("pubsub", "any").Retry.MaxRetries.ShouldBeGreaterThan(3);
        set.Inbound("pubsub", "any").Timeout.ShouldNotBeNull();
    }

    [Fact]
    public void A_name_defined_twice_is_refused() =>
        Should.Throw<ComponentException>(() => ComponentReader.Read(Yaml.Join(Yaml.PubSub, Yaml.PubSub), "f.yaml", new ComponentSet())).Message.ShouldContain("twice");

    [Fact]
    public void Exponential_waits_grow_to_their_limit_and_end()
    {
        var policy = new RetryPolicy(true, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4), 5);

        Enumerable.Range(1, 6).Select(policy.DelayBefore).ShouldBe(
            [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(2.25), TimeSpan.FromSeconds(3.375), TimeSpan.FromSeconds(4), null]);
        (policy with { MaxRetries = -1 }).DelayBefore(int.MaxValue).ShouldBe(TimeSpan.FromSeconds(4));
        RetryPolicy.None.DelayBefore(1).ShouldBeNull();
    }

    private static string Quote(string text) => System.Text.Json.JsonSerializer.Serialize(text);

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Orchestrator.sln")))
        {
            folder = folder.Parent;
        }
        return folder.ShouldNotBeNull("tests must run inside the repository").FullName;
    }
}
