using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Activities;
using Orchestrator.ControlPlane.Availability;
using Orchestrator.ControlPlane.Diagnostics;
using Orchestrator.ControlPlane.Nodes;
using Orchestrator.ControlPlane.Topology;
using Orchestrator.Core.Assurance;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;

namespace Orchestrator.ControlPlane.Dispatch;

/// <summary>Plans a job's chains from the cached topology.</summary>
public sealed class ChainSelection(TopologyCache topology, Suspects suspects, NodeDoors doors, NodeDialer dialer, ControlPlaneOptions options, TimeProvider time)
{
    /// <summary>All chains wanted, or none with the reason. Nodes that failed this job or, just now, another are used only when the rest do not suffice.</summary>
    public async Task<PlanAnswer> PlanAsync(PlanRequest request, CancellationToken cancel)
    {
        using var span = JobSpans.Start("plan", request.Job);
        span?.SetTag("orchestrator.chains", request.Wanted.Count);
        suspects.Add(request.Failed, request.FailedAt ?? time.GetUtcNow());
        dialer.Doubt(request.Failed);
        var answer = Plan(request, await topology.ModelAsync(request.Job.Model, cancel), await topology.AdmissionAsync(cancel));
        // The cache may not know yet of a node that has just become ready.
        return answer.Chains.Count > 0 ? answer : Plan(request, await topology.FreshModelAsync(request.Job.Model, cancel), await topology.AdmissionAsync(cancel));
    }

    private PlanAnswer Plan(PlanRequest request, ModelState? model, ClassAdmission admission)
    {
        var job = request.Job;
        if (model is null || model.Publication.ManifestDigest != job.Manifest)
            return new PlanAnswer([], $"Model '{job.Model}' is not published in the version the job asked for.");
        var plain = new ChainRequest(
            job.Manifest, model.Publication.Manifest, model.Nodes, request.Wanted.Count, options.Liveness, time.GetUtcNow(),
            job.PlanSeed + (ulong)request.Wanted.Sum(w => w.Attempt))
        {
            ExcludedHosts = request.Hosts.ToHashSet(),
            MaxPricePerLayerToken = options.Prices.MicroCreditsPerLayerToken,
            Class = request.Class,
            Mixable = job.Assurance.Kind == AssuranceKind.Redundant && request.Class is null ? MixableClasses.Of(model.Publication.Manifest, model.Nodes) : new HashSet<ExecutionClass>(),
            Standing = options.Standing,
            Admission = admission.For(job.Assurance),
            Reach = dialer.Rule,
            Doors = doors.Rule.For(job.Assurance),
        };
        HashSet<NodeId> failed = [.. request.Failed], doubtful = [.. failed, .. suspects.Among(model.Nodes)];
        var plan = ChainPlanner.Plan(plain with { ExcludedNodes = doubtful });
        if (plan is ChainPlan.Impossible && doubtful.Count > failed.Count)
            plan = ChainPlanner.Plan(plain with { ExcludedNodes = failed });
        if (plan is ChainPlan.Impossible && failed.Count > 0)
            plan = ChainPlanner.Plan(plain with { LostNodes = Unheard(request, model.Nodes) });
        return plan switch
        {
            ChainPlan.Planned planned => new PlanAnswer(
                [.. planned.Chains.Zip(request.Wanted, (c, n) => DispatchedChain.Of(job.Job, n.Chain, n.Attempt, c, model.Publication.Manifest))], null),
            ChainPlan.Impossible impossible => new PlanAnswer([], impossible.Message),
            _ => throw new InvalidOperationException("Unknown plan."),
        };
    }

    /// <summary>
    /// Failed nodes that may not be asked again yet. A first repair may be a slip and takes them at once; after it a job that went on asking a dead node would use up
    /// its attempts before the node can be back.
    /// </summary>
    private static HashSet<NodeId> Unheard(PlanRequest request, IReadOnlyList<NodeState> nodes) => request.FailedAt is { } failed && request.Wanted.Any(w => w.Attempt > 1)
        ? [.. request.Failed.Except(nodes.Where(n => n.LastSeen > failed).Select(n => n.Record.Node))]
        : [];
}
