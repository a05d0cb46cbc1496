using System.Collections.Immutable;
using k8s;
using k8s.Models;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Cluster;

/// <summary>The last seen objects of one kind, by the model they belong to. Thread-safe; read without waiting.</summary>
/// <param name="modelOf">The model that an object belongs to; null for none.</param>
public sealed class Store<T>(Func<T, ObjectKey?> modelOf)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly Lock gate = new();
    private ImmutableDictionary<ObjectKey, T> items = ImmutableDictionary<ObjectKey, T>.Empty;
    private ImmutableDictionary<ObjectKey, ImmutableDictionary<string, T>> byModel = ImmutableDictionary<ObjectKey, ImmutableDictionary<string, T>>.Empty;

    /// <summary>Told of every change: the model, the object before (null when new) and after (null when gone).</summary>
    public event Action<ObjectKey, T?, T?>? Changed;

    /// <summary>All objects.</summary>
    public IEnumerable<T> All => items.Values;

    /// <summary>One object; null when there is none.</summary>
    public T? Find(ObjectKey key) => items.GetValueOrDefault(key);

    /// <summary>Objects of a model, by name.</summary>
    public IReadOnlyDictionary<string, T> Of(ObjectKey model) => byModel.GetValueOrDefault(model, ImmutableDictionary<string, T>.Empty);

    /// <summary>An object is new or changed.</summary>
    public void Put(T item)
    {
        var key = KeyOf(item);
        T? before;
        lock (gate)
        {
            before = items.GetValueOrDefault(key);
            Unindex(before);
            items = items.SetItem(key, item);
            if (modelOf(item) is { } model)
                byModel = byModel.SetItem(model, byModel.GetValueOrDefault(model, ImmutableDictionary<string, T>.Empty).SetItem(key.Name, item));
        }

        Tell(before, item);
    }

    /// <summary>An object is gone.</summary>
    public void Remove(ObjectKey key)
    {
        T? before;
        lock (gate)
        {
            before = items.GetValueOrDefault(key);
            Unindex(before);
            items = items.Remove(key);
        }

        if (before is not null)
            Tell(before, null);
    }

    /// <summary>These are all objects of a namespace: what the store has beyond them went unseen.</summary>
    public void Replace(string @namespace, IReadOnlyList<T> all)
    {
        var left = all.Select(KeyOf).ToHashSet();
        foreach (var gone in items.Keys.Where(k => k.Namespace == @namespace && !left.Contains(k)).ToList())
            Remove(gone);
        foreach (var item in all)
            Put(item);
    }

    internal static ObjectKey KeyOf(T item) => new(item.Metadata.NamespaceProperty, item.Metadata.Name);

    private void Unindex(T? before)
    {
        if (before is null || modelOf(before) is not { } model || !byModel.TryGetValue(model, out var named))
            return;
        named = named.Remove(before.Metadata.Name);
        byModel = named.IsEmpty ? byModel.Remove(model) : byModel.SetItem(model, named);
    }

    private void Tell(T? before, T? after)
    {
        if (before is not null && after is not null && before.Metadata.ResourceVersion == after.Metadata.ResourceVersion)
            return;
        if (modelOf(after ?? before!) is { } model)
            Changed?.Invoke(model, before, after);
    }
}
