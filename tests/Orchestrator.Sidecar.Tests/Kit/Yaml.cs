namespace Orchestrator.Sidecar.Tests.Kit;

internal static class Yaml
{
    public const string PubSub = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: pubsub }
        spec: { type: pubsub.redis, version: v1, metadata: [] }
        """;

    public const string StateStore = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: statestore }
        spec: { type: state.redis, version: v1, metadata: [ { name: actorStateStore, value: "true" } ] }
        """;

    /// <summary>Five quick retries for whatever comes in over pubsub.</summary>
    public const string QuickRetry = """
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: { name: r }
        spec:
          policies: { retries: { quick: { policy: constant, duration: 1ms, maxRetries: 5 } } }
          targets: { components: { pubsub: { inbound: { retry: quick } } } }
        """;

    public static string Default => Join(PubSub, StateStore, QuickRetry);

    public static string Join(params string[] documents) => string.Join("\n---\n", documents);
}
