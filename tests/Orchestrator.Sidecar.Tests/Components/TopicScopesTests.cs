using Orchestrator.Sidecar.Components;

namespace Orchestrator.Sidecar.Tests.Components;

public sealed class TopicScopesTests
{
    [Theory]
    [InlineData("", "", "", "any", "t", true)]
    [InlineData("a,b", "", "", "any", "t", false)]
    [InlineData("a, b", "", "", "any", "b", true)]
    [InlineData("", "t", "", "any", "t", false)]
    [InlineData("", "t", "app=t", "app", "t", true)]
    [InlineData("", "t", "app=t", "other", "t", false)]
    [InlineData("", "", "app=x", "app", "t", false)]
    [InlineData("", "", "app=", "app", "t", false)]
    [InlineData("", "", "app=", "other", "t", true)]
    [InlineData("a", "t", "app=t", "app", "t", true)]
    [InlineData("", "", "app=x;app=t", "app", "t", true)]
    public void Publishing_follows_allowed_protected_and_scoped_topics(string allowed, string guarded, string scopes, string app, string topic, bool may)
    {
        var component = new Component("p", "pubsub.x", "v1", new Dictionary<string, string>
        {
            ["allowedTopics"] = allowed,
            ["protectedTopics"] = guarded,
            ["publishingScopes"] = scopes,
        }, []);

        new TopicScopes(component).MayPublish(app, topic).ShouldBe(may);
    }
}
