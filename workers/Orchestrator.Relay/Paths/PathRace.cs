using Orchestrator.Contracts;

namespace Orchestrator.Relay.Paths;

/// <summary>
/// Dials a peer on the ways of a plan: the first has a head start, then both run, and the first that is open wins; the other is closed. A first way that
/// fails early gives its head start up, so the wait is bounded by the head start and the slower way, never by their sum.
/// </summary>
public sealed class PathRace(PathPolicy policy, TimeProvider time)
{
    /// <summary>Runs a race.</summary>
    /// <param name="certificate">Of the peer.</param>
    /// <param name="plan">What to try.</param>
    /// <param name="dial">Opens a way, up to and with the peer's proof of its certificate.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="IOException">Neither way opened; the message has both reasons. With one way its own exception comes through.</exception>
    public async Task<T> RunAsync<T>(Digest certificate, PathPlan plan, Func<LinkPath, CancellationToken, Task<T>> dial, CancellationToken cancel)
        where T : IDisposable
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var first = AttemptAsync(certificate, plan.First, dial, stop.Token);
        if (plan.Second is not { } other)
            return await first;
        await Task.WhenAny(first, Task.Delay(plan.HeadStart, time, stop.Token));
        cancel.ThrowIfCancellationRequested();
        if (first.IsCompletedSuccessfully)
        {
            await stop.CancelAsync();
            return first.Result;
        }

        var second = AttemptAsync(certificate, other, dial, stop.Token);
        var winner = await Task.WhenAny(first, second);
        var loser = ReferenceEquals(winner, first) ? second : first;
        if (!winner.IsCompletedSuccessfully)
        {
            (winner, loser) = (loser, winner);
            await Task.WhenAny(winner);
        }

        await stop.CancelAsync();
        if (winner.IsCompletedSuccessfully)
        {
            if (ReferenceEquals(loser, first) && !loser.IsFaulted && !loser.IsCompletedSuccessfully)
                policy.Failed(certificate, plan.First);
            _ = CloseAsync(loser);
            return winner.Result;
        }

        cancel.ThrowIfCancellationRequested();
        throw new IOException($"{plan.First}: {Reason(first)} {other}: {Reason(second)}", first.Exception?.InnerException ?? second.Exception?.InnerException);
    }

    private async Task<T> AttemptAsync<T>(Digest certificate, LinkPath path, Func<LinkPath, CancellationToken, Task<T>> dial, CancellationToken cancel)
    {
        long start = time.GetTimestamp();
        try
        {
            var open = await dial(path, cancel);
            policy.Connected(certificate, path, time.GetElapsedTime(start));
            return open;
        }
        catch when (!cancel.IsCancellationRequested)
        {
            policy.Failed(certificate, path);
            throw;
        }
    }

    private static async Task CloseAsync<T>(Task<T> loser)
        where T : IDisposable
    {
        await loser.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        if (loser.IsCompletedSuccessfully)
            loser.Result.Dispose();
        else
            _ = loser.Exception;
    }

    private static string Reason(Task attempt) => attempt.Exception?.InnerException?.Message ?? "cancelled.";
}
