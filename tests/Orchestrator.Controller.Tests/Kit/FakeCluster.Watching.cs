using System.Runtime.CompilerServices;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Tests.Kit;

internal sealed partial class FakeCluster
{
    public long Version
    {
        get
        {
            lock (gate)
                return version;
        }
    }

    /// <summary>Forgets the history: watches and continued lists from before are too old.</summary>
    public void Compact()
    {
        lock (gate)
        {
            // Writes that nobody here sees move every version on.
            version += 10;
            compacted = version;
            history.Clear();
        }
    }

    /// <summary>Whether a watch may start after a version.</summary>
    public bool Knows(long since)
    {
        lock (gate)
            return since >= compacted;
    }

    /// <summary>Changes after a version, for ever.</summary>
    public async IAsyncEnumerable<Change> WatchAsync(ResourceKind kind, string ns, long since, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (true)
        {
            Task next;
            List<Change> news;
            lock (gate)
            {
                next = changed.Task;
                news = [.. history.Where(c => c.Version > since && c.Place.Kind == kind && c.Place.Namespace == ns)];
            }

            foreach (var change in news)
            {
                since = change.Version;
                yield return change;
            }

            if (news.Count == 0)
                await next.WaitAsync(cancel);
        }
    }
}
