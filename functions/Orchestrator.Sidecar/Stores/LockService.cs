using System.Text;
using Grpc.Core;
using Orchestrator.Sidecar.Components;
using Orchestrator.Sidecar.Storage;

namespace Orchestrator.Sidecar.Stores;

/// <summary>Distributed locks that end by themselves; any <c>lock.*</c> component.</summary>
internal sealed class LockService(ComponentSet components, IStore store, TimeProvider time)
{
    public enum Released
    {
        Yes,
        NoSuchLock,
        HeldByAnother,
    }

    public bool TryLock(string appId, string storeName, string resource, string owner, int expirySeconds)
    {
        var key = Key(appId, storeName, resource, owner);
        if (expirySeconds < 1)
        {
            throw ApiException.Malformed("expiryInSeconds must be above 0");
        }
        var now = time.GetUtcNow();
        return store.Write([new StateWrite(key, Encoding.UTF8.GetBytes(owner), WriteCondition.Absent, now.AddSeconds(expirySeconds))], true, now)[0];
    }

    public Released Unlock(string appId, string storeName, string resource, string owner)
    {
        var key = Key(appId, storeName, resource, owner);
        var now = time.GetUtcNow();
        if (store.Get(key, now) is not { } held)
        {
            return Released.NoSuchLock;
        }
        return Encoding.UTF8.GetString(held.Value) == owner && store.Write([new StateWrite(key, null, new WriteCondition(held.Version))], true, now)[0]
            ? Released.Yes
            : Released.HeldByAnother;
    }

    private string Key(string appId, string storeName, string resource, string owner)
    {
        if (components.Find("lock", storeName, appId) is null)
        {
            throw new ApiException(404, StatusCode.InvalidArgument, "ERR_LOCK_STORE_NOT_FOUND", $"lock store {storeName} not found");
        }
        return resource.Length is 0 or > 1024 || owner.Length is 0 or > 1024 || resource.Contains("||", StringComparison.Ordinal)
            ? throw ApiException.Malformed("resourceId and lockOwner have 1 to 1024 characters, and no '||'")
            : $"|lock|{storeName}|{appId}|{resource}";
    }
}
