using System.Collections.Concurrent;
using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Audits;

/// <summary>
/// What nodes stand to be paid for jobs that may still be found wrong: the more of it a stake must cover, the more often its node is audited. Kept per replica and
/// forgotten by a restart; a replica that knows less audits somewhat less often until it has seen new jobs, never below the floor.
/// </summary>
public sealed class OpenRewards(TimeProvider time)
{
    private const int MostPerNode = 4_096;

    private readonly ConcurrentDictionary<NodeId, Dictionary<JobId, (long Reward, DateTimeOffset Until)>> open = new();

    /// <summary>The sum of all that are open.</summary>
    public long Of(NodeId node)
    {
        if (!open.TryGetValue(node, out var jobs))
            return 0;
        lock (jobs)
        {
            var now = time.GetUtcNow();
            return jobs.Values.Where(j => j.Until > now).Sum(j => j.Reward);
        }
    }

    /// <summary>Adds a job's reward, once, and gives the sum of all that are open.</summary>
    public long Add(NodeId node, JobId job, long reward, DateTimeOffset until)
    {
        var jobs = open.GetOrAdd(node, _ => []);
        lock (jobs)
        {
            var now = time.GetUtcNow();
            foreach (var ended in jobs.Where(j => j.Value.Until <= now).Select(j => j.Key).ToList())
                jobs.Remove(ended);
            if (jobs.Count < MostPerNode)
                jobs[job] = (reward, until);
            return jobs.Values.Sum(j => j.Reward);
        }
    }
}
