using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;
using Orchestrator.Controller.Diagnostics;
using Orchestrator.Controller.Queue;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Cluster;

/// <summary>
/// Keeps a <see cref="Store{T}"/> like the objects of one kind in one namespace.
/// <code>
/// list ─► watch ─┬─ stream ends, connection breaks ─► watch again from the last version
///   ▲            └─ 410: the version is too old ─┐
///   └────────────────────────────────────────────┘
/// </code>
/// Tries that bring nothing wait ever longer; bookmarks count as something.
/// </summary>
public sealed class Reflector<T>(
    ClusterClient cluster, ResourceKind kind, string @namespace, string selector, Store<T> store, TimeSpan watchTimeout, Backoff backoff, TimeProvider time, ILogger log)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly TaskCompletionSource synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends once the first list is in the store.</summary>
    public Task Synced => synced.Task;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        int idle = 0;
        string? version = null;
        while (!cancel.IsCancellationRequested)
        {
            string reason;
            try
            {
                version ??= await ListAsync(cancel);
                await foreach (var change in cluster.WatchAsync<T>(kind, @namespace, selector, version, watchTimeout, cancel))
                {
                    version = change.Version;
                    idle = 0;
                    Apply(change);
                }

                reason = "end";
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (ClusterException e) when (e.IsExpired)
            {
                version = null;
                reason = "expired";
            }
            catch (Exception e) when (e is ClusterException or HttpRequestException or IOException)
            {
                reason = "failure";
                log.WatchBroke(kind.Plural, @namespace, e.Message);
            }
#pragma warning disable CA1031 // A watch that has ended unnoticed would leave the controller blind: whatever it was, try again and say so.
            catch (Exception e)
#pragma warning restore CA1031
            {
                reason = "failure";
                log.WatchFailed(e, kind.Plural, @namespace);
            }

            ControllerMeter.WatchRestarted(kind.Plural, reason);
            // The first end after something came is ordinary and goes on at once.
            if (idle++ > 0 || reason == "failure")
                await Task.Delay(backoff.After(idle), time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<string> ListAsync(CancellationToken cancel)
    {
        var (items, version) = await cluster.ListAsync<T>(kind, @namespace, selector, cancel);
        store.Replace(@namespace, items);
        synced.TrySetResult();
        return version;
    }

    private void Apply(WatchEvent<T> change)
    {
        if (change.Change == WatchChange.Put)
            store.Put(change.Item!);
        else if (change.Change == WatchChange.Deleted)
            store.Remove(Store<T>.KeyOf(change.Item!));
    }
}
