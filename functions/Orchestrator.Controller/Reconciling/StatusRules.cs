using k8s.Models;
using Orchestrator.Controller.Desired;
using Orchestrator.Controller.Platform;
using Orchestrator.Controller.Resources;
using ShardStatus = Orchestrator.Controller.Resources.ShardStatus;

namespace Orchestrator.Controller.Reconciling;

/// <summary>The status that follows from what was seen. Pure.</summary>
public static class StatusRules
{
    /// <summary>Enough complete chains serve.</summary>
    public const string Ready = "Ready";

    /// <summary>Something is still under way.</summary>
    public const string Progressing = "Progressing";

    /// <summary>Something stands in the way; the reason says what.</summary>
    public const string Degraded = "Degraded";

    /// <summary>The status now.</summary>
    public static InferenceModelStatus Of(Observation seen, DateTimeOffset now)
    {
        var (model, spec, before) = (seen.Model, seen.Model.Spec, seen.Model.Status ?? new InferenceModelStatus());
        var old = before.Shards.ToDictionary(s => s.Stage);
        var loaded = seen.Platform is { } platform ? Loaded(platform) : null;
        List<ShardStatus> shards = [];
        for (int stage = 0; stage < spec.Sharding.Stages; stage++)
        {
            string name = ChildNames.Workload(model, stage);
            var workload = seen.Workloads.GetValueOrDefault(name);
            var nodes = seen.Nodes?[stage] ?? old.GetValueOrDefault(stage)?.Nodes ?? [];
            shards.Add(new ShardStatus
            {
                Stage = stage,
                Workload = name,
                Pods = workload?.Status?.Replicas ?? 0,
                ReadyPods = workload?.Status?.ReadyReplicas ?? 0,
                Loaded = loaded is null ? old.GetValueOrDefault(stage)?.Loaded ?? 0 : nodes.Count(n => loaded.Contains((stage, n.Node))),
                Nodes = nodes,
            });
        }

        int chains = loaded is null ? before.Chains ?? 0 : Chains(model, shards, loaded);
        bool settled = chains >= spec.Replicas && Enumerable.Range(0, shards.Count).All(s => RolledOut(seen.Workloads.GetValueOrDefault(shards[s].Workload), spec.Replicas));
        return new InferenceModelStatus
        {
            ObservedGeneration = model.Metadata.Generation,
            Model = seen.Platform?.Name ?? before.Model,
            Replicas = shards.Count == 0 ? 0 : shards.Min(s => s.Pods),
            Selector = string.Join(',', WorkerLabels.Selector(model).OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}")),
            Chains = chains,
            PlacementVersion = seen.PlacementVersion ?? before.PlacementVersion,
            Shards = shards,
            Conditions =
            [
                ReadyOf(seen, before, chains, shards, now),
                Condition(before, model, Progressing, settled ? "False" : "True", settled ? "Settled" : "Converging",
                    settled ? "All workers hold their shards." : $"{chains} of {spec.Replicas} chains are complete.", now),
                Condition(before, model, Degraded, seen.Problem is null ? "False" : "True", seen.Problem?.Reason ?? "NoProblem", Cut(seen.Problem?.Message ?? "Nothing stands in the way."), now),
            ],
        };
    }

    private static V1Condition ReadyOf(Observation seen, InferenceModelStatus before, int chains, List<ShardStatus> shards, DateTimeOffset now)
    {
        var spec = seen.Model.Spec;
        if (seen.Platform is null && seen.Problem is { Reason: PlatformException.Unreachable or PlatformException.Unauthorized } blind)
            return Condition(before, seen.Model, Ready, "Unknown", blind.Reason, Cut(blind.Message), now);
        if (chains >= spec.Redundancy)
            return Condition(before, seen.Model, Ready, "True", "ChainsServe", $"{chains} of {spec.Replicas} chains serve.", now);
        string missing = string.Join(", ", shards.Where(s => s.Loaded < spec.Redundancy).Take(8).Select(s => $"stage {s.Stage} has {s.Loaded}"));
        string message = $"{chains} of {spec.Redundancy} needed chains are complete" + (missing.Length == 0 ? "." : $": {missing}.");
        return Condition(before, seen.Model, Ready, "False", seen.Problem?.Reason ?? "ChainsMissing", message, now);
    }

    private static HashSet<(int Stage, string Node)> Loaded(PlatformModel platform) =>
        [.. platform.Stages.SelectMany(s => s.Nodes.Where(n => n is { Live: true, State: "ready" }).Select(n => (s.Stage, n.Node.Value)))];

    // A replica is one host, so that complete replicas are disjoint chains. More may be possible across replicas; these are certain.
    private static int Chains(InferenceModel model, List<ShardStatus> shards, HashSet<(int Stage, string Node)> loaded) =>
        Enumerable.Range(0, model.Spec.Replicas).Count(replica => shards.All(s =>
            s.Nodes.FirstOrDefault(n => n.Pod == ChildNames.Pod(model, s.Stage, replica)) is { } node && loaded.Contains((s.Stage, node.Node))));

    private static bool RolledOut(V1StatefulSet? workload, int replicas) =>
        workload?.Status is { } status
        && status.ObservedGeneration >= workload.Metadata.Generation
        && status.Replicas == replicas
        && (status.UpdatedReplicas ?? 0) == replicas;

    private static V1Condition Condition(InferenceModelStatus before, InferenceModel model, string type, string status, string reason, string message, DateTimeOffset now)
    {
        var old = before.Conditions.FirstOrDefault(c => c.Type == type);
        return new V1Condition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            ObservedGeneration = model.Metadata.Generation,
            // Whole seconds, as Kubernetes keeps it.
            LastTransitionTime = old?.Status == status && old.LastTransitionTime is { } since ? since : now.UtcDateTime.AddTicks(-(now.UtcTicks % TimeSpan.TicksPerSecond)),
        };
    }

    private static string Cut(string message) => message.Length <= 2048 ? message : message[..2047] + "…";
}
