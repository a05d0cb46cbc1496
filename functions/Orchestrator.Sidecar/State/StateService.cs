using System.Globalization;
using Grpc.Core;
using Orchestrator.Sidecar.Components;
using Orchestrator.Sidecar.Faults;
using Orchestrator.Sidecar.Storage;

namespace Orchestrator.Sidecar.State;

/// <summary>The state building block for one app at a time: key prefixes, ETags, lifetimes, transactions.</summary>
internal sealed class StateService(ComponentSet components, IStore store, FaultPlan faults, TimeProvider time)
{
    private const int LongestKey = 4096;
    private const int MostItems = 10_000;

    public StateEntry? Get(string appId, string storeName, string key) =>
        store.Get(FullKey(Find(appId, storeName), appId, key), time.GetUtcNow());

    public IReadOnlyList<(string Key, StateEntry? Entry)> GetBulk(string appId, string storeName, IReadOnlyCollection<string> keys)
    {
        var component = Find(appId, storeName);
        Bound(keys.Count);
        return [.. keys.Select(k => (k, store.Get(FullKey(component, appId, k), time.GetUtcNow())))];
    }

    /// <summary>Each item stands alone: some may be written although another's ETag does not match.</summary>
    /// <exception cref="ApiException">Aborted when an ETag did not match.</exception>
    public void Write(string appId, string storeName, IReadOnlyList<StateChange> changes)
    {
        var component = Find(appId, storeName);
        var writes = Prepare(component, appId, changes);
        var held = Conflicts(appId, writes) ? new bool[writes.Count] : store.Write(writes, atomic: false, time.GetUtcNow());
        var failed = Array.IndexOf(held, false);
        if (failed >= 0)
        {
            var (verb, code) = changes[failed].Value is null ? ("deleting", "ERR_STATE_DELETE") : ("saving", "ERR_STATE_SAVE");
            throw new ApiException(409, StatusCode.Aborted, code,
                $"failed {verb} state in state store {storeName}: possible etag mismatch on key {changes[failed].Key}: read it again");
        }
    }

    /// <summary>All or nothing.</summary>
    /// <exception cref="ApiException">Internal when an ETag did not match, as the runtime answers.</exception>
    public void Transact(string appId, string storeName, IReadOnlyList<StateChange> changes)
    {
        var component = Find(appId, storeName);
        var writes = Prepare(component, appId, changes);
        if (writes.Count > 0 && (Conflicts(appId, writes) || store.Write(writes, atomic: true, time.GetUtcNow()).Contains(false)))
        {
            throw new ApiException(500, StatusCode.Internal, "ERR_STATE_TRANSACTION",
                $"error while executing state transaction in {storeName}: possible etag mismatch: nothing was written");
        }
    }

    private Component Find(string appId, string storeName)
    {
        if (components.Find("state", storeName, appId) is { } found)
        {
            return found;
        }
        throw components.Any("state", appId)
            ? new ApiException(400, StatusCode.InvalidArgument, "ERR_STATE_STORE_NOT_FOUND", $"state store {storeName} is not found: add a component of that name, or app-id '{appId}' to its scopes")
            : new ApiException(500, StatusCode.FailedPrecondition, "ERR_STATE_STORE_NOT_CONFIGURED", $"state store {storeName} is not configured: no state component is visible to '{appId}'");
    }

    private List<StateWrite> Prepare(Component component, string appId, IReadOnlyList<StateChange> changes)
    {
        Bound(changes.Count);
        var now = time.GetUtcNow();
        return [.. changes.Select(c => new StateWrite(
            FullKey(component, appId, c.Key), c.Value, Condition(c, component.Name), c.TtlSeconds is > 0 and var ttl ? now.AddSeconds(ttl) : null))];
    }

    private static WriteCondition Condition(StateChange change, string storeName)
    {
        if (change.Concurrency == Concurrency.LastWrite)
        {
            return default;
        }
        if (string.IsNullOrEmpty(change.ETag))
        {
            return change.Concurrency == Concurrency.FirstWrite && change.Value is not null ? WriteCondition.Absent : default;
        }
        return long.TryParse(change.ETag, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0
            ? new WriteCondition(version)
            : throw new ApiException(400, StatusCode.InvalidArgument, "ERR_STATE_SAVE", $"invalid etag '{change.ETag}' for key {change.Key} in {storeName}: send one that the store gave out");
    }

    private bool Conflicts(string appId, List<StateWrite> writes) =>
        writes.Any(w => w.Condition.Version is not null) && faults.Strikes(FaultKind.ETagConflict, appId);

    private static void Bound(int items)
    {
        if (items > MostItems)
        {
            throw ApiException.Malformed($"at most {MostItems} items in one call");
        }
    }

    /// <summary><c>appid||key</c>, or what the component's keyPrefix says.</summary>
    private static string FullKey(Component component, string appId, string key)
    {
        if (key.Length is 0 or > LongestKey)
        {
            throw ApiException.Malformed($"key must have 1 to {LongestKey} characters");
        }
        if (key.Contains("||", StringComparison.Ordinal) || key[0] == '|')
        {
            throw ApiException.Malformed($"input key/keyPrefix '{key}' can't contain '||' nor start with '|'");
        }
        return component.Get("keyPrefix") switch
        {
            null or "" or "appid" => $"{appId}||{key}",
            "none" => key,
            "name" => $"{component.Name}||{key}",
            var prefix => $"{prefix}||{key}",
        };
    }
}
