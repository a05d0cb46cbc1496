using System.Net;
using k8s.Autorest;
using k8s.LeaderElection;

namespace Orchestrator.Controller.Leading;

/// <summary>
/// A lock whose outages are tries that failed. The client's elector takes a broken connection for a lost lease, and one that never got it gives up; but until
/// the lease runs out nobody else may lead, and the renew deadline is there to try again.
/// </summary>
internal sealed class PatientLock(ILock inner, Action<Exception> failed) : ILock
{
    /// <inheritdoc />
    public string Identity => inner.Identity;

    /// <inheritdoc />
    public async Task<LeaderElectionRecord> GetAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await inner.GetAsync(cancellationToken);
        }
        catch (Exception e) when (IsOutage(e, cancellationToken))
        {
            failed(e);
            // The one exception that the elector takes for a failed try.
            using var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
            throw new HttpOperationException(e.Message, e) { Response = new HttpResponseMessageWrapper(response, "") };
        }
    }

    /// <inheritdoc />
    public Task<bool> CreateAsync(LeaderElectionRecord record, CancellationToken cancellationToken) => TryAsync(() => inner.CreateAsync(record, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public Task<bool> UpdateAsync(LeaderElectionRecord record, CancellationToken cancellationToken) => TryAsync(() => inner.UpdateAsync(record, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public string Describe() => inner.Describe();

    private async Task<bool> TryAsync(Func<Task<bool>> write, CancellationToken cancel)
    {
        try
        {
            return await write();
        }
        catch (Exception e) when (IsOutage(e, cancel))
        {
            failed(e);
            return false;
        }
    }

    private static bool IsOutage(Exception e, CancellationToken cancel) => e is HttpRequestException or IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested);
}
