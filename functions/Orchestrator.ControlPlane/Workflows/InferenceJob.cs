using Orchestrator.ControlPlane.Jobs;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>
/// Supervises one job from dispatched chains to paid hosts; instance id = job id.
/// <code>
/// batch only: hold -> plan -> dispatch, waiting for capacity
/// loop until agreed:
///   wait for a result, a cancel request, the deadline, the next look at silent chains
///   chain failed, silent or invalid -> next attempt on other nodes, after a growing pause
///   all valid but not equal         -> one more chain on hosts not used yet
/// agreed  -> settle the hold, pay the hosts, book what nodes earned
/// else    -> cancel what still runs, release the hold
/// </code>
/// Every way out settles or releases the hold exactly once: both are idempotent by the job id and exclude each other in the account.
/// A cancelled job costs nothing, also when part of its answer was streamed: what two chains have not agreed on cannot be paid for. (A client that has
/// read the whole answer cannot cancel any more, see the request's end.)
/// </summary>
public sealed class InferenceJob : IWorkflow<InferenceJobInput, JobOutcome>
{
    /// <summary>Registered name.</summary>
    public const string Name = "inference-job";

    /// <summary>Event with a <see cref="ResultArrived"/>.</summary>
    public const string ResultEvent = "result";

    /// <summary>Event with a <see cref="CancelRequested"/>.</summary>
    public const string CancelEvent = "cancel";

    /// <summary>Attempts per chain number before the job fails.</summary>
    public const int MaxAttempts = 6;

    /// <inheritdoc />
    public async Task<JobOutcome> RunAsync(IWorkflowContext context, InferenceJobInput input)
    {
        using var run = new InferenceJobRun(context, input);
        return await run.RunAsync();
    }
}
