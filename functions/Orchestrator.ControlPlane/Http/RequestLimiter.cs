using System.Collections.Concurrent;

namespace Orchestrator.ControlPlane.Http;

/// <summary>Bounds the requests one account has in progress on this replica, so that nobody can fill it alone.</summary>
public sealed class RequestLimiter(ControlPlaneOptions options)
{
    private readonly ConcurrentDictionary<string, int> active = new();

    /// <summary>Enters a request; dispose the answer when it ends.</summary>
    /// <exception cref="ApiException">The account has as many as allowed.</exception>
    public IDisposable Enter(string account)
    {
        int now = active.AddOrUpdate(account, 1, (_, n) => n + 1);
        if (now <= options.MaxRequestsPerAccount)
            return new Entry(this, account);
        Leave(account);
        throw ApiErrors.TooManyRequests(options.MaxRequestsPerAccount);
    }

    private void Leave(string account)
    {
        if (active.AddOrUpdate(account, 0, (_, n) => n - 1) == 0)
            active.TryRemove(KeyValuePair.Create(account, 0));
    }

    private sealed class Entry(RequestLimiter limiter, string account) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0)
                limiter.Leave(account);
        }
    }
}
