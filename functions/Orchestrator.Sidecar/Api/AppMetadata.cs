using System.Collections.Concurrent;
using Dapr.Client.Autogen.Grpc.v1;
using Orchestrator.Sidecar.Apps;
using Orchestrator.Sidecar.Components;
using Orchestrator.Sidecar.PubSub;

namespace Orchestrator.Sidecar.Api;

/// <summary>What the metadata API answers.</summary>
internal sealed class AppMetadata(App app, ComponentSet components, Broker broker, Actors.ActorRuntime actors)
{
    private const int MostExtended = 1000;
    private readonly ConcurrentDictionary<string, string> _extended = new(StringComparer.Ordinal);

    public void Set(string key, string value)
    {
        if (key.Length is 0 or > 256 || value.Length > 64 * 1024 || _extended.Count >= MostExtended)
        {
            throw ApiException.Malformed("metadata keys have 1 to 256 characters, values at most 65536, and there are at most 1000");
        }
        _extended[key] = value;
    }

    public GetMetadataResponse Describe()
    {
        var answer = new GetMetadataResponse
        {
            Id = app.Id,
            RuntimeVersion = "orchestrator-local",
            ActorRuntime = new ActorRuntime
            {
                RuntimeStatus = ActorRuntime.Types.ActorRuntimeStatus.Running,
                HostReady = app.IsUp,
                Placement = "placement: connected",
            },
        };
        if (app.Endpoint is { } endpoint)
        {
            answer.AppConnectionProperties = new AppConnectionProperties { Port = endpoint.Port, Protocol = "http", ChannelAddress = endpoint.Host };
        }
        foreach (var component in components.Components.Where(c => c.IsFor(app.Id)))
        {
            answer.RegisteredComponents.Add(new RegisteredComponents { Name = component.Name, Type = component.Type, Version = component.Version });
        }
        foreach (var (type, count) in actors.ActiveCounts(app))
        {
            answer.ActorRuntime.ActiveActors.Add(new ActiveActorsCount { Type = type, Count = count });
        }
        foreach (var (spec, streaming) in broker.SubscriptionsOf(app))
        {
            answer.Subscriptions.Add(new PubsubSubscription
            {
                PubsubName = spec.PubSub,
                Topic = spec.Topic,
                DeadLetterTopic = spec.DeadLetterTopic ?? "",
                Type = streaming ? PubsubSubscriptionType.Streaming : components.Subscriptions.Contains(spec) ? PubsubSubscriptionType.Declarative : PubsubSubscriptionType.Programmatic,
            });
        }
        answer.ExtendedMetadata.Add(_extended);
        return answer;
    }
}
