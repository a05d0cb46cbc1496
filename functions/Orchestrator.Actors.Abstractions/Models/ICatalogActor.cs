using Dapr.Actors;
using Orchestrator.Contracts;

namespace Orchestrator.Actors;

/// <summary>Lists what exists (single actor, id <see cref="ActorNames.CatalogId"/>).</summary>
public interface ICatalogActor : IActor
{
    /// <summary>Adds a model name; repeated adds change nothing.</summary>
    Task AddModelAsync(string name);

    /// <summary>Adds a node id; repeated adds change nothing.</summary>
    Task AddNodeAsync(NodeId node);

    /// <summary>Takes node ids out; those that are not there change nothing.</summary>
    Task RemoveNodesAsync(IReadOnlyList<NodeId> nodes);

    /// <summary>Everything known.</summary>
    Task<Catalog> GetAsync();

    /// <summary><see cref="NetworkRules.Fingerprint"/> of the rules that the actors obey.</summary>
    Task<string> RulesAsync();
}

/// <summary>All model names and node ids, sorted.</summary>
public sealed record Catalog(IReadOnlyList<string> Models, IReadOnlyList<NodeId> Nodes);
