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
        var running = new RunningJob(job, plan.Chains, workflows, dispatcher, relay, signals, time, log);
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
            await actors.Account(spec.Owner).ReleaseAsync(spec.Job.Value);
            throw ApiErrors.Unavailable("The job could not be recorded. Try again.");
        }

        return running;
    }

    private async Task HoldAsync(JobSpec spec)
    {
        var held = await actors.Account(spec.Owner).HoldAsync(new Hold(spec.Job.Value, spec.Quote.Total, spec.HoldExpiresAt));
        if (held.Accepted)
            return;
        throw held.Status switch
        {
            HoldStatus.InsufficientFunds => ApiErrors.InsufficientQuota(spec.Quote.Total, held.Available),
            HoldStatus.TooManyHolds => ApiErrors.TooManyRequests(AccountBook.MaxJobs),
            _ => ApiErrors.Unavailable("The request could not be charged. Try again."),
        };
    }

    [LoggerMessage(EventId = 40, Level = LogLevel.Warning, Message = "{Job}: not every node could be told: {Reason}")]
    private static partial void NotAssigned(ILogger log, string job, string reason);

    [LoggerMessage(EventId = 41, Level = LogLevel.Error, Message = "{Job}: the workflow could not be scheduled")]
    private static partial void NotScheduled(ILogger log, Exception exception, string job);
}
