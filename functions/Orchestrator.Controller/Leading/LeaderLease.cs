using k8s;
using k8s.Autorest;
using k8s.LeaderElection;
using k8s.LeaderElection.ResourceLock;
using Microsoft.Extensions.Logging;
using Orchestrator.Controller.Diagnostics;
using Orchestrator.Controller.Options;

namespace Orchestrator.Controller.Leading;

/// <summary>
/// One leader among several processes. The client's elector neither gives a lease back when it is cancelled nor can be asked reliably whether it still leads:
/// so the lease is given back here, and who loses it stops for good. An API server that is away for less than the renew deadline costs nobody the lease.
/// </summary>
public sealed class LeaderLease
{
    private readonly PatientLock @lock;
    private readonly LeaderElectionConfig config;
    private readonly string identity;
    private readonly ILogger<LeaderLease> log;

    /// <summary>A lease in the controller's namespace.</summary>
    public LeaderLease(IKubernetes kubernetes, ControllerOptions options, ILogger<LeaderLease> log)
    {
        (identity, this.log) = (options.Identity, log);
        @lock = new PatientLock(new LeaseLock(kubernetes, options.Namespace, options.Lease.Name, options.Identity), e => log.LeaseFailed(e.Message));
        config = new LeaderElectionConfig(@lock) { LeaseDuration = options.Lease.Duration, RenewDeadline = options.Lease.RenewDeadline, RetryPeriod = options.Lease.RetryPeriod };
    }

    /// <summary>Waits for the lease, then leads.</summary>
    /// <param name="lead">The work of the leader. The first token asks it to end, the second tells that the lease is lost and another may lead already.</param>
    /// <param name="stop">Ends waiting and leading; the lease is given back once the work has ended.</param>
    /// <returns>False when the lease was lost: another may lead, and this process must end.</returns>
    public async Task<bool> RunAsync(Func<CancellationToken, CancellationToken, Task> lead, CancellationToken stop)
    {
        using var gone = new CancellationTokenSource();
        using var held = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var elect = new CancellationTokenSource();
        using var elector = new LeaderElector(config);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        elector.OnStartedLeading += () => started.TrySetResult();
        elector.OnError += e => log.LeaseFailed(e.Message);
        elector.OnNewLeader += leader =>
        {
            if (leader != identity)
                log.OtherLeads(leader);
        };
        var election = elector.RunUntilLeadershipLostAsync(elect.Token);
        await Task.WhenAny(election, started.Task.WaitAsync(stop));
        bool lost = false;
        if (started.Task.IsCompletedSuccessfully)
        {
            log.Leads(identity);
            ControllerMeter.Leads(true);
            var work = lead(held.Token, gone.Token);
            await Task.WhenAny(election, work);
            lost = election.IsCompleted && !stop.IsCancellationRequested;
            if (lost)
            {
                log.LostLease(identity);
                await gone.CancelAsync();
            }

            await held.CancelAsync();
            await work;
            ControllerMeter.Leads(false);
        }

        await elect.CancelAsync();
        await election.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (started.Task.IsCompletedSuccessfully && !lost)
            await ReleaseAsync();
        return !lost && stop.IsCancellationRequested;
    }

    private async Task ReleaseAsync()
    {
        using var limit = new CancellationTokenSource(config.RenewDeadline);
        try
        {
            var record = await @lock.GetAsync(limit.Token);
            if (record.HolderIdentity != identity)
                return;
            record.HolderIdentity = "";
            record.LeaseDurationSeconds = 1;
            if (await @lock.UpdateAsync(record, limit.Token))
                log.ReleasedLease(identity);
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException or OperationCanceledException)
        {
            // Others wait for the lease to run out instead.
            log.LeaseFailed(e.Message);
        }
    }
}
