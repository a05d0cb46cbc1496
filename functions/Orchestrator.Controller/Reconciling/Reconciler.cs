using k8s;
using Microsoft.Extensions.Logging;
using Orchestrator.Controller.Cluster;
using Orchestrator.Controller.Desired;
using Orchestrator.Controller.Diagnostics;
using Orchestrator.Controller.Options;
using Orchestrator.Controller.Platform;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Reconciling;

/// <summary>
/// Brings one model from what is to what should be.
/// <code>
/// finalizer ─► workers in the cluster ─► published ─► which node is each pod ─► new nodes into the status ─► placed ─► status
/// </code>
/// Every step can be repeated; whatever stops it is in the status before it is tried again.
/// </summary>
public sealed class Reconciler(
    ClusterClient cluster, ClusterView view, ChildKeeper children, GpuAnnotator gpus, NodeDirectory directory, ModelKeeper models, EventRecorder events,
    ControllerOptions options, TimeProvider time, ILogger<Reconciler> log)
{
    /// <summary>The platform must be told before the model may go.</summary>
    public const string Finalizer = Kinds.Group + "/placement";

    /// <summary>Reconciles a model.</summary>
    /// <returns>When to look again and what stood in the way; null when the model is gone.</returns>
    public async Task<Outcome?> ReconcileAsync(ObjectKey key, CancellationToken cancel)
    {
        if (view.Models.Find(key) is not { } model)
            return null;
        if (model.Metadata.DeletionTimestamp is not null)
            return await WithdrawAsync(model, cancel);
        if (model.Metadata.Finalizers?.Contains(Finalizer) != true)
            model = await SetFinalizersAsync(model, [.. model.Metadata.Finalizers ?? [], Finalizer], cancel);
        var seen = await ConvergeAsync(model, cancel);
        var status = StatusRules.Of(seen, time.GetUtcNow());
        await WriteStatusAsync(seen.Model, status, cancel);
        await TellAsync(model, status, seen.Problem, cancel);
        bool ready = status.Conditions.Any(c => c is { Type: StatusRules.Progressing, Status: "False" });
        return new Outcome(seen.Problem, ready ? options.Pace.PollReady : options.Pace.PollUnready);
    }

    private async Task<Observation> ConvergeAsync(InferenceModel model, CancellationToken cancel)
    {
        var seen = new Observation(model, view.Workloads.Of(model.Key()), null, null, null, null);
        try
        {
            if (!options.Profiles.TryGetValue(model.Spec.ResourceProfile, out var profile))
            {
                string known = string.Join(", ", options.Profiles.Keys.Order(StringComparer.Ordinal));
                throw new ProblemException(Problem.UnknownProfile, $"There is no resource profile '{model.Spec.ResourceProfile}': use one of {known}, or add it to Controller:Profiles.");
            }

            await children.KeepAsync(model, DesiredState.Of(model, profile, options.Workers), cancel);
            var pods = view.Pods.Of(model.Key());
            if (profile.Gpu is { } gpu)
                await gpus.AnnotateAsync(pods.Values, gpu, cancel);
            var published = await models.PublishAsync(model, cancel);
            seen = seen with { Platform = published };
            var nodes = await directory.ResolveAsync(model, pods, profile.Storage.Persistent, cancel);
            seen = await RememberAsync(seen, nodes, cancel);
            long version = await models.PlaceAsync(seen.Model, published, nodes, cancel);
            // Only now: until the platform knows, the nodes of the last status are those that it must forget.
            return seen with { Nodes = nodes, PlacementVersion = version };
        }
        catch (ProblemException e)
        {
            return seen with { Problem = e.Problem };
        }
        catch (PlatformException e)
        {
            return seen with { Problem = new Problem(e.Reason, e.Message) };
        }
        catch (Exception e) when (e is not (ClusterException or HttpRequestException) && !cancel.IsCancellationRequested)
        {
            // Whoever made the model must see that it stands still, whatever the cause.
            log.Broke(e, $"{model.Key()}");
            return seen with { Problem = new Problem(Problem.InternalError, $"{e.GetType().Name}: {e.Message} The controller's log has the details.") };
        }
    }

    // Before the platform hears of them: who comes after a process that died in between takes back only what the status knows.
    private async Task<Observation> RememberAsync(Observation seen, IReadOnlyList<IReadOnlyList<PodNode>> nodes, CancellationToken cancel)
    {
        var known = (seen.Model.Status?.Shards ?? []).ToDictionary(s => s.Stage, s => s.Nodes);
        var added = nodes.Select((now, stage) => now.ExceptBy(known.GetValueOrDefault(stage, []).Select(n => n.Pod), n => n.Pod).ToList()).ToList();
        if (added.All(a => a.Count == 0))
            return seen;
        var all = seen with { Nodes = [.. added.Select((a, stage) => (IReadOnlyList<PodNode>)[.. known.GetValueOrDefault(stage, []), .. a])] };
        return seen with { Model = await WriteStatusAsync(seen.Model, StatusRules.Of(all, time.GetUtcNow()), cancel) };
    }

    private async Task<Outcome> WithdrawAsync(InferenceModel model, CancellationToken cancel)
    {
        if (model.Metadata.Finalizers?.Contains(Finalizer) != true)
            return new Outcome(null, null);
        bool abandoned = model.Metadata.Annotations?.TryGetValue(WorkerLabels.Abandon, out string? value) == true && value == "true";
        try
        {
            if (!abandoned)
                await models.WithdrawAsync(model, cancel);
        }
        catch (PlatformException e)
        {
            string fix = $"It is tried again; to let the model go without, set the annotation {WorkerLabels.Abandon} to \"true\".";
            await events.RecordAsync(model, Problem.CannotWithdraw, $"{e.Message} {fix}", warning: true, cancel);
            return new Outcome(new Problem(Problem.CannotWithdraw, e.Message), null);
        }

        await SetFinalizersAsync(model, [.. model.Metadata.Finalizers.Where(f => f != Finalizer)], cancel);
        await events.RecordAsync(model, "Withdrawn", abandoned ? "The model goes without the platform being told." : "The platform no longer counts on the model's workers.", warning: abandoned, cancel);
        return new Outcome(null, null);
    }

    // With the version: somebody else may have added a finalizer of their own in between.
    private Task<InferenceModel> SetFinalizersAsync(InferenceModel model, string[] finalizers, CancellationToken cancel) =>
        cluster.MergeAsync<InferenceModel>(
            Kinds.Models, model.Metadata.NamespaceProperty, model.Metadata.Name,
            new { metadata = new { uid = model.Metadata.Uid, resourceVersion = model.Metadata.ResourceVersion, finalizers } }, cancel);

    private async Task<InferenceModel> WriteStatusAsync(InferenceModel model, InferenceModelStatus status, CancellationToken cancel)
    {
        if (model.Status is { } before && KubernetesJson.Serialize(before) == KubernetesJson.Serialize(status))
            return model;
        var body = new
        {
            apiVersion = Kinds.Models.ApiVersion,
            kind = Kinds.Models.Kind,
            // With the version: of a status the server does not check the uid, and this one may be of an earlier model of this name.
            metadata = new { name = model.Metadata.Name, @namespace = model.Metadata.NamespaceProperty, resourceVersion = model.Metadata.ResourceVersion },
            status,
        };
        var written = await cluster.ApplyStatusAsync<InferenceModel>(Kinds.Models, model.Metadata.NamespaceProperty, model.Metadata.Name, body, cancel);
        ControllerMeter.Wrote("inferencemodels/status", "apply");
        return written;
    }

    private async Task TellAsync(InferenceModel model, InferenceModelStatus status, Problem? problem, CancellationToken cancel)
    {
        if (problem is not null)
        {
            await events.RecordAsync(model, problem.Reason, problem.Message, warning: true, cancel);
            return;
        }

        var ready = status.Conditions.First(c => c.Type == StatusRules.Ready);
        if (model.Status?.Conditions.FirstOrDefault(c => c.Type == StatusRules.Ready)?.Status != ready.Status)
            await events.RecordAsync(model, ready.Reason, ready.Message, warning: false, cancel);
    }
}

/// <summary>How a reconciliation ended.</summary>
/// <param name="Problem">What stood in the way; null for nothing.</param>
/// <param name="Again">When to look again; null when something will happen by itself.</param>
public sealed record Outcome(Problem? Problem, TimeSpan? Again);
