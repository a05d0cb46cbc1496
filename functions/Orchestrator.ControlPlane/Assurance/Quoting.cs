using Orchestrator.Actors;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Topology;
using Orchestrator.Core.Assurance;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Pricing;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Assurance;

/// <summary>Quotes what an assurance costs and gives, before a job runs.</summary>
public sealed class Quoting(TopologyCache topology, OpenRewards open, ControlPlaneOptions options, TimeProvider time)
{
    /// <summary>
    /// A job's price at an assurance. Audits are counted on as they would be drawn of the nodes that could serve an answer of the quoted length now, and as far as somebody could do them.
    /// </summary>
    /// <param name="level">The assurance.</param>
    /// <param name="model">The model with its nodes.</param>
    /// <param name="promptTokens">Tokens of the prompt.</param>
    /// <param name="completionTokens">Most tokens drawn.</param>
    /// <param name="cancel">Ends the wait for the topology.</param>
    /// <exception cref="OverflowException">The price does not fit 64 bits.</exception>
    public async ValueTask<(Quote Price, AssuranceQuote Assurance)> OfAsync(AssuranceLevel level, ModelState model, int promptTokens, int completionTokens, CancellationToken cancel)
    {
        var manifest = model.Publication.Manifest;
        var price = options.Prices.Quote(promptTokens, completionTokens, manifest.LayerCount, level.Chains);
        long chain = price.Total / level.Chains;
        if (level.Kind == AssuranceKind.Redundant)
            return (price, AssuranceQuote.For(level, chain, AuditOutlook.At(0), options.Audits.Model, Comparison(level, model, (await topology.AdmissionAsync(cancel)).For(level))));
        if (level.Kind == AssuranceKind.None)
            return (price, AssuranceQuote.For(level, chain, AuditOutlook.At(0), options.Audits.Model));
        long pay = chain - options.Prices.FeeOf(chain);
        var audits = Outlook(model, (await topology.AdmissionAsync(cancel)).For(level), pay);
        // The cache may not know yet of nodes that have just become ready.
        if (audits.Auditors == 0 && await topology.FreshModelAsync(manifest.Name, cancel) is { } fresh)
            audits = Outlook(fresh, (await topology.AdmissionAsync(cancel)).For(level), pay);
        return (price, AssuranceQuote.For(level, chain, audits, options.Audits.Model));
    }

    /// <summary>Of nodes of one class it is exact, whether or not there are enough of them.</summary>
    private ChainComparing? Comparison(AssuranceLevel level, ModelState model, ClassAdmission admission)
    {
        var mixable = MixableClasses.Of(model.Publication.Manifest, model.Nodes);
        return mixable.Count < 2 ? ChainComparing.Exact : ChainPlanner.Plan(Request(level.Chains, model, admission) with { Mixable = mixable }) switch
        {
            ChainPlan.Planned planned => planned.Mixed ? ChainComparing.WithinTolerance : ChainComparing.Exact,
            _ => null,
        };
    }

    private ChainRequest Request(int chains, ModelState model, ClassAdmission admission) =>
        new(model.Publication.ManifestDigest, model.Publication.Manifest, model.Nodes, chains, options.Liveness, time.GetUtcNow(), 0)
        {
            MaxPricePerLayerToken = options.Prices.MicroCreditsPerLayerToken,
            Standing = options.Standing,
            Admission = admission,
        };

    private AuditOutlook Outlook(ModelState model, ClassAdmission admission, long pay)
    {
        var manifest = model.Publication.Manifest;
        return AuditOutlook.Of(
            Request(1, model, admission), [.. manifest.Stages.Select(s => BatchedAudits.Problem(s) is null)], options.Audits.Policy, pay, open.Of, options.StakeRules.Slashes.Deterring);
    }
}
