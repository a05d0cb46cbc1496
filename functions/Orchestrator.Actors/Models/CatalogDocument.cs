using System.Collections.Immutable;
using Orchestrator.Contracts;

namespace Orchestrator.Actors.Models;

/// <summary>What the catalog actor stores: names, each once.</summary>
internal sealed record CatalogDocument(ImmutableHashSet<string> Models, ImmutableHashSet<string> Nodes)
{
    /// <summary>Most names of a kind: node keys cost nothing to make, and a stored document must stay below 4 MiB.</summary>
    public const int Most = 50_000;

    public static CatalogDocument Empty { get; } = new([], []);

    public CatalogDocument AddModel(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return With(Models, name, models => this with { Models = models });
    }

    public CatalogDocument AddNode(NodeId node) => With(Nodes, node.Value, nodes => this with { Nodes = nodes });

    public CatalogDocument RemoveNodes(IEnumerable<NodeId> nodes)
    {
        var left = Nodes.Except(nodes.Select(n => n.Value));
        return left.Count == Nodes.Count ? this : this with { Nodes = left };
    }

    public Catalog ToCatalog() => new([.. Models.Order(StringComparer.Ordinal)], [.. Nodes.Order(StringComparer.Ordinal).Select(Parse)]);

    private CatalogDocument With(ImmutableHashSet<string> names, string name, Func<ImmutableHashSet<string>, CatalogDocument> change) =>
        names.Contains(name) ? this
        : names.Count < Most ? change(names.Add(name))
        : throw new InvalidOperationException($"The catalog is full: it lists {Most} names.");

    private static NodeId Parse(string id) => NodeId.TryParse(id, out var node) ? node : throw new FormatException($"'{id}' is not a node id.");
}
