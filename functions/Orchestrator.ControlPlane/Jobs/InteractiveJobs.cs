using Dapr.Actors.Client;
using Microsoft.Extensions.Logging;
using Orchestrator.Actors;
using Orchestrator.ControlPlane.Activities;
using Orchestrator.ControlPlane.Diagnostics;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Streaming;
using Orchestrator.ControlPlane.Workflows;
using Orchestrator.Core.Accounts;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Jobs;

/// <summary>
/// Starts jobs somebody waits for. Planning is pure and dispatch is one round of messages; the workflow that supervises the job is made durable at the same
/// time and is not waited for.
/// </summary>
public sealed partial class InteractiveJobs(
    IActorProxyFactory actors,
    ChainSelection selection,
    Dispatcher dispatcher,
    IWorkflowClient workflows,
    ChainRelay relay,
    JobSignals signals,
    ControlPlaneMetrics metrics,
    TimeProvider time,
    ILogger<InteractiveJobs> log)
{
    private const int HoldAttempts = 6;
    private static readonly TimeSpan FirstHoldPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Plans, sets the money aside and dispatches.</summary>
    /// <exception cref="ApiException">There is no capacity, or the account cannot pay.</exception>
    public async Task<RunningJob> StartAsync(NewJob job, CancellationToken cancel)
    {
        long started = time.GetTimestamp();
        var spec = job.Spec;
        var wanted = Enumerable.Range(0, spec.Chains).Select(chain => new ChainNumber(chain, 0));
        var plan = await selection.PlanAsync(new PlanRequest(spec, [.. wanted], [], [], null), cancel);
        if (plan.Chains.Count == 0)
            throw ApiErrors.Unavailable($"There is no capacity for this request now. {plan.Problem}", "no_capacity");
        await HoldAsync(spec);

        // From here on money is set aside: what follows must not end early with the client, or the hold would stay until it expires.
        var running = new RunningJob(job, plan.Chains, workflows, relay, signals, time, log);
        var scheduled = workflows.ScheduleAsync(
            InferenceJob.Name, new InferenceJobInput(spec, plan.Chains), spec.Job.Value, cancellationToken: CancellationToken.None);
        var assigned = dispatcher.AssignAsync(spec, plan.Chains, CancellationToken.None);
        running.Start(scheduled);
        try
        {
            await assigned;
        }
        catch (Exception e)
        {
            // Chains that miss a node fail by themselves, and the workflow tries others.
            NotAssigned(log, spec.Job.Value, e.Message);
        }

        metrics.Dispatched(time.GetElapsedTime(started));
        try
        {
            await scheduled;
        }
        catch (Exception e)
        {
            NotScheduled(log, e, spec.Job.Value);
            await running.DisposeAsync();
            await TryCancelAsync(spec, plan.Chains);
            await TryReleaseAsync(actors.Account(spec.Owner), spec);
            throw ApiErrors.Unavailable("The job could not be recorded. Try again.");
        }

        return running;
    }

    /// <summary>No workflow will free these nodes; if they cannot be told, their sessions end at the deadline.</summary>
    private async Task TryCancelAsync(JobSpec spec, IReadOnlyList<DispatchedChain> chains)
    {
        try
        {
            await Task.WhenAll(chains.Select(c => dispatcher.CancelAsync(spec, c, CancellationToken.None)));
        }
        catch (Exception e)
        {
            NotAssigned(log, spec.Job.Value, e.Message);
        }
    }

    private async Task HoldAsync(JobSpec spec)
    {
        var held = await HoldPatientlyAsync(spec);
        if (held.Accepted)
            return;
        throw held.Status switch
        {
            HoldStatus.InsufficientFunds => ApiErrors.InsufficientQuota(spec.Assured.Total, held.Available),
            HoldStatus.TooManyHolds => ApiErrors.TooManyRequests(AccountBook.MaxJobs),
            _ => ApiErrors.Unavailable("The request could not be charged. Try again."),
        };
    }

    /// <summary>A hold is made once per job, so one whose answer was lost is simply asked for again.</summary>
    private async Task<HoldResult> HoldPatientlyAsync(JobSpec spec)
    {
        var account = actors.Account(spec.Owner);
        var pause = FirstHoldPause;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await account.HoldAsync(new Hold(spec.Job.Value, spec.Assured.Total, spec.HoldExpiresAt));
            }
            catch (Exception e)
            {
                NotHeld(log, spec.Job.Value, attempt, e.Message);
                if (attempt == HoldAttempts)
                    break;
            }

            await Task.Delay(pause, time, CancellationToken.None);
            pause *= 2;
        }

        await TryReleaseAsync(account, spec);
        throw ApiErrors.Unavailable("The request could not be charged. Try again.");
    }

    /// <summary>A hold that was made all the same would stay until it expires.</summary>
    private async Task TryReleaseAsync(IAccountActor account, JobSpec spec)
    {
        try
        {
            await account.ReleaseAsync(spec.Job.Value);
        }
        catch (Exception e)
        {
            NotReleased(log, spec.Job.Value, spec.HoldExpiresAt, e.Message);
        }
    }

    [LoggerMessage(EventId = 40, Level = LogLevel.Warning, Message = "{Job}: not every node could be told: {Reason}")]
    private static partial void NotAssigned(ILogger log, string job, string reason);

    [LoggerMessage(EventId = 41, Level = LogLevel.Error, Message = "{Job}: the workflow could not be scheduled")]
    private static partial void NotScheduled(ILogger log, Exception exception, string job);

    [LoggerMessage(EventId = 44, Level = LogLevel.Warning, Message = "{Job}: the account could not be asked for a hold, attempt {Attempt}: {Reason}")]
    private static partial void NotHeld(ILogger log, string job, int attempt, string reason);

    [LoggerMessage(EventId = 45, Level = LogLevel.Warning, Message = "{Job}: a hold, if there is one, stays until {ExpiresAt}: {Reason}")]
    private static partial void NotReleased(ILogger log, string job, DateTimeOffset expiresAt, string reason);
}
