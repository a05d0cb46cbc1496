namespace Orchestrator.Sidecar.Actors;

/// <summary>Rendezvous hashing: an actor moves only when its own host leaves or a better one comes.</summary>
internal static class Placement
{
    /// <returns>null when there is no host.</returns>
    public static string? Choose(ActorRef actor, IEnumerable<string> hosts)
    {
        string? best = null;
        ulong bestScore = 0;
        foreach (var host in hosts)
        {
            var score = Score(actor, host);
            if (best is null || score > bestScore || (score == bestScore && string.CompareOrdinal(host, best) < 0))
            {
                (best, bestScore) = (host, score);
            }
        }
        return best;
    }

    // FNV-1a over "host|type|id" with a final mix: stable across processes, unlike string.GetHashCode.
    private static ulong Score(ActorRef actor, string host)
    {
        var hash = 14695981039346656037UL;
        foreach (var part in (ReadOnlySpan<string>)[host, actor.Type, actor.Id])
        {
            foreach (var c in part)
            {
                hash = (hash ^ c) * 1099511628211UL;
            }
            hash = (hash ^ '|') * 1099511628211UL;
        }
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        return hash ^ (hash >> 31);
    }
}
