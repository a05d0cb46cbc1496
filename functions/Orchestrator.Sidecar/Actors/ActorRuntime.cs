using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Orchestrator.Sidecar.Apps;
using Orchestrator.Sidecar.Faults;
using Orchestrator.Sidecar.Time;

namespace Orchestrator.Sidecar.Actors;

/// <summary>
/// Calls of virtual actors: finds the host, activates, runs one turn at a time, deactivates.
/// <list type="number">
/// <item>Choose the host among the apps that are up and host the type; wait a little when there is none.</item>
/// <item>Take the instance; when it lives elsewhere, drain and deactivate it there first.</item>
/// <item>Enter the turn; start over when the instance was retired meanwhile.</item>
/// <item>Call the app back; then leave the turn.</item>
/// </list>
/// </summary>
internal sealed class ActorRuntime(FaultPlan faults, TimeProvider time, int largestBodyBytes, ILoggerFactory logs) : IDisposable
{
    private static readonly TimeSpan HostPatience = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<ActorRef, ActorInstance> _instances = new();
    private readonly ILogger _log = logs.CreateLogger<ActorRuntime>();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Hosts _hosts = new([], new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>An app came up with these actor types.</summary>
    public void Connect(App app, IReadOnlyDictionary<string, ActorTypeConfig> types)
    {
        if (types.Count > 0)
        {
            Change(h => [.. h.Where(x => x.App != app), new ActorHost(app, types)]);
            Rebalance();
        }
    }

    /// <summary>An app is gone: its actors are no longer active anywhere.</summary>
    public void Disconnect(App app)
    {
        Change(h => [.. h.Where(x => x.App != app)]);
        foreach (var instance in _instances.Values.Where(i => i.Host == app))
        {
            Forget(instance);
        }
    }

    /// <summary>The instance if it is active on this app.</summary>
    public ActorInstance? Active(App host, ActorRef actor) =>
        _instances.TryGetValue(actor, out var instance) && instance.Host == host ? instance : null;

    public IReadOnlyDictionary<string, int> ActiveCounts(App host) =>
        _instances.Values.Where(i => i.Host == host).GroupBy(i => i.Actor.Type).ToDictionary(g => g.Key, g => g.Count());

    public IReadOnlyCollection<string> TypesOf(App host) =>
        _hosts.List.FirstOrDefault(h => h.App == host)?.Types.Keys.ToList() ?? [];

    /// <summary>Runs one turn.</summary>
    /// <param name="only">When given, only this activation may run it: a timer must not wake its actor.</param>
    /// <exception cref="ApiException">No host, the app failed, or calls nested too deeply.</exception>
    public async Task<ActorReply> InvokeAsync(ActorRef actor, ActorCall call, CancellationToken stop, ActorInstance? only = null)
    {
        var turnId = call.ReentrancyId ?? Guid.NewGuid().ToString("N");
        while (true)
        {
            if (only is { Retired: true })
            {
                throw new ApiException(400, StatusCode.InvalidArgument, "ERR_ACTOR_INSTANCE_MISSING", $"actor {actor} was deactivated");
            }
            // Looked up, a timer that raced its actor's deactivation would wait for it to end and activate a new one.
            var instance = only ?? await InstanceAsync(actor, stop);
            var config = instance.Config;
            var id = config.MaxStackDepth > 0 ? turnId : Guid.NewGuid().ToString("N");
            if (!await instance.Turn.EnterAsync(id, Math.Max(1, config.MaxStackDepth), stop))
            {
                throw new ApiException(500, StatusCode.ResourceExhausted, "ERR_ACTOR_STACK_DEPTH", $"maximum stack depth exceeded on actor {actor}: reentrant calls nest deeper than {config.MaxStackDepth}");
            }
            try
            {
                if (instance.Retired)
                {
                    continue;
                }
                // Not the caller's token: a caller that gives up must not let the next turn start beside this one.
                var reply = await CallAsync(instance, call, config.MaxStackDepth > 0 ? turnId : null, _stop.Token);
                await MaybeMoveAsync(instance);
                return reply;
            }
            finally
            {
                instance.LastUsed = time.GetUtcNow();
                instance.Turn.Exit();
            }
        }
    }

    /// <summary>Deactivates every actor as a rebalance would: after its running turn, or when the drain time is over.</summary>
    public async Task DeactivateAllAsync()
    {
        foreach (var instance in _instances.Values)
        {
            await DeactivateAsync(instance, instance.Config.DrainTimeout);
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        foreach (var instance in _instances.Values)
        {
            Forget(instance);
        }
    }

    private void Change(Func<IReadOnlyList<ActorHost>, IReadOnlyList<ActorHost>> edit)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            changed = _hosts.Changed;
            _hosts = new Hosts(edit(_hosts.List), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        changed.TrySetResult();
    }

    private static ActorHost? Choose(Hosts hosts, ActorRef actor)
    {
        var able = hosts.List.Where(h => h.Types.ContainsKey(actor.Type)).ToList();
        return Placement.Choose(actor, able.Select(h => h.App.Id)) is { } id ? able.First(h => h.App.Id == id) : null;
    }

    private async Task<ActorHost> FindHostAsync(ActorRef actor, CancellationToken stop)
    {
        // Real time: an app that restarts does so in real time, whatever the clock of the timers says.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(HostPatience);
        while (true)
        {
            var hosts = Volatile.Read(ref _hosts);
            if (Choose(hosts, actor) is { } host)
            {
                return host;
            }
            try
            {
                await hosts.Changed.Task.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                throw new ApiException(500, StatusCode.Internal, "ERR_ACTOR_NO_ADDRESS", $"did not find address for actor {actor}: no app that is up hosts type {actor.Type}");
            }
        }
    }

    private async Task<ActorInstance> InstanceAsync(ActorRef actor, CancellationToken stop)
    {
        var host = await FindHostAsync(actor, stop);
        while (true)
        {
            var instance = _instances.GetOrAdd(actor, a => Activate(a, host.App, host.Types[a.Type]));
            if (instance.Retired)
            {
                await instance.Ended.Task.WaitAsync(stop);
                continue;
            }
            if (instance.Host == host.App)
            {
                return instance;
            }
            await Task.WhenAny(DeactivateAsync(instance, instance.Config.DrainTimeout), instance.Ended.Task);
            stop.ThrowIfCancellationRequested();
        }
    }

    private ActorInstance Activate(ActorRef actor, App host, ActorTypeConfig config)
    {
        var instance = new ActorInstance(actor, host, config, time.GetUtcNow());
        WatchIdle(instance);
        return instance;
    }

    private void WatchIdle(ActorInstance instance)
    {
        instance.IdleTimer = new DueTimer(time, instance.LastUsed + instance.Config.IdleTimeout, () =>
        {
            if (instance.Retired)
            {
                return;
            }
            if (instance.Turn.IsBusy)
            {
                instance.LastUsed = time.GetUtcNow();
            }
            if (instance.LastUsed + instance.Config.IdleTimeout > time.GetUtcNow())
            {
                WatchIdle(instance);
                return;
            }
            _ = DeactivateAsync(instance, TimeSpan.Zero);
        });
    }

    private async Task<ActorReply> CallAsync(ActorInstance instance, ActorCall call, string? reentrancyId, CancellationToken stop)
    {
        var actor = instance.Actor;
        try
        {
            using var reply = await instance.Host.Client.SendAsync(
                HttpMethod.Put, $"{actor.Path}/method/{call.Method}", AppClient.Json(call.Body, call.ContentType),
                headers =>
                {
                    foreach (var (name, value) in call.Headers)
                    {
                        headers.TryAddWithoutValidation(name, value);
                    }
                    if (reentrancyId is not null)
                    {
                        headers.TryAddWithoutValidation("Dapr-Reentrancy-Id", reentrancyId);
                    }
                }, stop);
            var body = await AppClient.ReadAsync(reply.Content, largestBodyBytes, stop);
            if (reply.StatusCode != HttpStatusCode.OK)
            {
                throw Failed(actor, call.Method, $"error from actor service: ({(int)reply.StatusCode}) {Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 2048)))}");
            }
            return new ActorReply(body, [.. reply.Content.Headers.Concat(reply.Headers)
                .Where(h => h.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase) || h.Key.StartsWith("X-Dapr", StringComparison.OrdinalIgnoreCase))
                .Select(h => KeyValuePair.Create(h.Key, string.Join(",", h.Value)))]);
        }
        catch (Exception e) when (e is AppUnreachableException or HttpRequestException or InvalidDataException or IOException)
        {
            throw Failed(actor, call.Method, e.Message);
        }
    }

    private static ApiException Failed(ActorRef actor, string method, string reason) =>
        new(500, StatusCode.Internal, "ERR_ACTOR_INVOKE_METHOD", $"error invoking actor method {method} on {actor}: {reason}");

    private async Task MaybeMoveAsync(ActorInstance instance)
    {
        // Within the caller's own turn; a nested call must not retire the actor under the outer one.
        if (faults.Strikes(FaultKind.Rebalance, instance.Actor.Type) && instance.Turn.IsOutermost)
        {
            await EndAsync(instance);
        }
    }

    private void Rebalance()
    {
        var hosts = Volatile.Read(ref _hosts);
        foreach (var instance in _instances.Values)
        {
            if (Choose(hosts, instance.Actor) is { } host && host.App != instance.Host)
            {
                _ = DeactivateAsync(instance, instance.Config.DrainTimeout);
            }
        }
    }

    /// <summary>Waits for the running turn up to <paramref name="patience"/> (zero: leaves a busy actor alone), then deactivates.</summary>
    private async Task DeactivateAsync(ActorInstance instance, TimeSpan patience)
    {
        if (patience == TimeSpan.Zero && instance.Turn.IsBusy)
        {
            WatchIdle(instance);
            return;
        }
        using var limit = new CancellationTokenSource(patience > TimeSpan.Zero ? patience : Timeout.InfiniteTimeSpan, time);
        var entered = false;
        try
        {
            entered = await instance.Turn.EnterAsync(Guid.NewGuid().ToString("N"), 1, limit.Token);
        }
        catch (OperationCanceledException)
        {
            // As in Dapr: the turn that does not end in time goes on while the actor becomes active elsewhere.
            ActorLog.DrainTimedOut(_log, instance.Actor.Type, instance.Actor.Id, instance.Host.Id);
        }
        try
        {
            await EndAsync(instance);
        }
        finally
        {
            if (entered)
            {
                instance.Turn.Exit();
            }
        }
    }

    private async Task EndAsync(ActorInstance instance)
    {
        if (instance.Retired)
        {
            return;
        }
        instance.Retire();
        try
        {
            using var reply = await instance.Host.Client.SendAsync(HttpMethod.Delete, instance.Actor.Path, null, null, _stop.Token);
        }
        catch (Exception e) when (e is AppUnreachableException or HttpRequestException or OperationCanceledException)
        {
            ActorLog.DeactivationFailed(_log, instance.Actor.Type, instance.Actor.Id, e.Message);
        }
        finally
        {
            // Only now may it become active elsewhere.
            _instances.TryRemove(KeyValuePair.Create(instance.Actor, instance));
            instance.Ended.TrySetResult();
        }
    }

    private void Forget(ActorInstance instance)
    {
        _instances.TryRemove(KeyValuePair.Create(instance.Actor, instance));
        instance.Retire();
        instance.Ended.TrySetResult();
    }

    private sealed record ActorHost(App App, IReadOnlyDictionary<string, ActorTypeConfig> Types);

    private sealed record Hosts(IReadOnlyList<ActorHost> List, TaskCompletionSource Changed);
}
