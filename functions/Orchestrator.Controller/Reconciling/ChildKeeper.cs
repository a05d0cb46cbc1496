using k8s;
using k8s.Models;
using Orchestrator.Controller.Cluster;
using Orchestrator.Controller.Desired;
using Orchestrator.Controller.Diagnostics;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Reconciling;

/// <summary>Makes the objects of a model what they should be, and deletes those it no longer wants. Touches nothing that belongs to another.</summary>
public sealed class ChildKeeper(ClusterClient cluster, ClusterView view)
{
    /// <summary>Applies everything, then prunes.</summary>
    /// <exception cref="ProblemException">The cluster refuses something, or another has a name.</exception>
    public async Task KeepAsync(InferenceModel model, DesiredState desired, CancellationToken cancel)
    {
        var known = view.Children(model.Key()).ToDictionary(c => (c.Kind, c.Item.Metadata.Name), c => c.Item);
        foreach (var (kind, body) in desired.All)
        {
            await CheckOwnerAsync(model, kind, body, known.GetValueOrDefault((kind, body.Metadata.Name)), cancel);
            await ApplyAsync(kind, body, cancel);
        }

        var wanted = desired.All.Select(d => (d.Kind, d.Body.Metadata.Name)).ToHashSet();
        foreach (var ((kind, name), item) in known.Where(k => !wanted.Contains(k.Key) && IsOf(k.Value, model)))
        {
            await cluster.DeleteAsync(kind, item.Metadata.NamespaceProperty, name, item.Metadata.Uid, cancel);
            ControllerMeter.Wrote(kind.Plural, "delete");
        }
    }

    // A forced apply would take over an object that somebody else made.
    private async Task CheckOwnerAsync(
        InferenceModel model, ResourceKind kind, IKubernetesObject<V1ObjectMeta> body, IKubernetesObject<V1ObjectMeta>? known, CancellationToken cancel)
    {
        var found = known?.Metadata ?? (await cluster.GetAsync<OnlyMetadata>(kind, body.Metadata.NamespaceProperty, body.Metadata.Name, cancel))?.Metadata;
        var owner = found?.OwnerReferences?.FirstOrDefault(o => o.Controller == true);
        if (found is null || owner?.Uid == model.Metadata.Uid)
            return;
        string what = $"{kind.Kind} {body.Metadata.Name}";
        throw owner is { Kind: var ownerKind, Name: var name } && ownerKind == Kinds.Models.Kind && name == model.Metadata.Name
            ? new ProblemException(Problem.Leftovers, $"{what} of an earlier InferenceModel {name} is still going away.")
            : new ProblemException(Problem.NameTaken, $"{what} exists and is not the controller's: delete or rename it, or name the InferenceModel otherwise.");
    }

    private async Task ApplyAsync(ResourceKind kind, IKubernetesObject<V1ObjectMeta> body, CancellationToken cancel)
    {
        try
        {
            await cluster.ApplyAsync<OnlyMetadata>(kind, body.Metadata.NamespaceProperty, body.Metadata.Name, body, cancel);
            ControllerMeter.Wrote(kind.Plural, "apply");
        }
        catch (ClusterException e) when (e.IsRefusal)
        {
            throw new ProblemException(Problem.Refused, $"{kind.Kind} {body.Metadata.Name}: {e.Message}");
        }
    }

    private static bool IsOf(IKubernetesObject<V1ObjectMeta> item, InferenceModel model) =>
        item.Metadata.OwnerReferences?.Any(o => o.Controller == true && o.Uid == model.Metadata.Uid) == true;

    private sealed class OnlyMetadata
    {
        public V1ObjectMeta Metadata { get; set; } = new();
    }
}
