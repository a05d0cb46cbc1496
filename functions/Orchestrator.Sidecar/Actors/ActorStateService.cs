using Grpc.Core;
using Orchestrator.Sidecar.Apps;
using Orchestrator.Sidecar.Components;
using Orchestrator.Sidecar.Storage;

namespace Orchestrator.Sidecar.Actors;

/// <summary>State of active actors, under <c>appid||type||id||key</c>; a request's changes are written all or none.</summary>
internal sealed class ActorStateService(ComponentSet components, IStore store, ActorRuntime runtime, TimeProvider time)
{
    private const int MostOperations = 10_000;

    public StateEntry? Get(App host, ActorRef actor, string key) => store.Get(Key(host, Check(host, actor), key), time.GetUtcNow());

    /// <param name="operations">Value null deletes.</param>
    public void Transact(App host, ActorRef actor, IReadOnlyList<(string Key, byte[]? Value, int? TtlSeconds)> operations)
    {
        Check(host, actor);
        if (operations.Count > MostOperations)
        {
            throw ApiException.Malformed($"at most {MostOperations} operations in one transaction");
        }
        var now = time.GetUtcNow();
        store.Write(
            [.. operations.Select(o => new StateWrite(Key(host, actor, o.Key), o.Value, default, o.TtlSeconds is > 0 and var ttl ? now.AddSeconds(ttl) : null))],
            atomic: true, now);
    }

    private ActorRef Check(App host, ActorRef actor)
    {
        if (components.ActorStateStore is not { } component || !component.IsFor(host.Id))
        {
            throw new ApiException(500, StatusCode.FailedPrecondition, "ERR_STATE_STORE_NOT_CONFIGURED",
                "no state store holds actors: give one state component the metadata actorStateStore: \"true\"");
        }
        return runtime.Active(host, actor) is not null
            ? actor
            : throw new ApiException(400, StatusCode.InvalidArgument, "ERR_ACTOR_INSTANCE_MISSING", $"actor {actor} is not active here");
    }

    private static string Key(App host, ActorRef actor, string key) =>
        key.Length is 0 or > 4096 || key.Contains("||", StringComparison.Ordinal)
            ? throw ApiException.Malformed($"actor state key '{key}' must have 1 to 4096 characters and no '||'")
            : $"{host.Id}||{actor.Type}||{actor.Id}||{key}";
}
