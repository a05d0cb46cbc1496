namespace Orchestrator.Durable.Engine;

/// <summary>What this process can run.</summary>
sealed class WorkflowRegistry
{
    readonly Dictionary<(string Name, string Version), WorkflowRegistration> _workflows;
    readonly Dictionary<string, ActivityRegistration> _activities;
    readonly Dictionary<string, string> _newest;

    public WorkflowRegistry(IEnumerable<WorkflowRegistration> workflows, IEnumerable<ActivityRegistration> activities)
    {
        _workflows = Unique(workflows, w => (w.Name, w.Version), "workflow");
        _activities = Unique(activities, a => a.Name, "activity");
        _newest = _workflows.Keys.GroupBy(k => k.Name).ToDictionary(g => g.Key, g => g.Select(k => k.Version).Max(VersionOrder)!);
    }

    static Comparer<string> VersionOrder { get; } = Comparer<string>.Create(CompareVersions);

    public WorkflowRegistration? Workflow(string name, string version) => _workflows.GetValueOrDefault((name, version));

    public ActivityRegistration? Activity(string name) => _activities.GetValueOrDefault(name);

    /// <summary>The highest registered version; null for an unknown workflow.</summary>
    public string? NewestVersion(string name) => _newest.GetValueOrDefault(name);

    public string Describe(string name)
    {
        var versions = _workflows.Keys.Where(k => k.Name == name).Select(k => k.Version).Order(VersionOrder).ToArray();
        return versions.Length == 0 ? "none of that name is registered" : $"registered: {string.Join(", ", versions)}";
    }

    // Numbers inside versions compare as numbers: 1.10 is newer than 1.9.
    static int CompareVersions(string a, string b)
    {
        var (left, right) = (a.Split('.'), b.Split('.'));
        for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            var order = int.TryParse(left[i], out var x) && int.TryParse(right[i], out var y)
                ? x.CompareTo(y)
                : string.CompareOrdinal(left[i], right[i]);
            if (order != 0)
            {
                return order;
            }
        }
        return left.Length.CompareTo(right.Length);
    }

    static Dictionary<TKey, T> Unique<TKey, T>(IEnumerable<T> items, Func<T, TKey> key, string what) where TKey : notnull
    {
        var result = new Dictionary<TKey, T>();
        foreach (var item in items)
        {
            if (!result.TryAdd(key(item), item))
            {
                throw new ArgumentException($"The {what} {key(item)} is registered twice; give each its own name or version.");
            }
        }
        return result;
    }
}
