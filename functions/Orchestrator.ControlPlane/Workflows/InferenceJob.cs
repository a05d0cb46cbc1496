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
/// agreed  -> deliver; audits, challenge window and disputes as the assurance asks, see <see cref="FinalityPhase"/>
/// final   -> settle the hold, pay the hosts, book what nodes earned
/// overturned -> release the hold
/// cancelled -> charge what was streamed, as below
/// else    -> cancel what still runs, release the hold
/// </code>
/// Every way out settles or releases the hold exactly once: both are idempotent by the job id and exclude each other in the account.
/// <para>
/// A job that is cancelled, by its owner or by a client that leaves, is charged for the tokens that its chains had streamed by then, and their hosts are paid for
/// them: whoever holds the account's key could have read them, by the request itself or by the job's events, so they count as delivered. Only the start of the
/// answer that as many chains as must agree have streamed alike counts, so that with redundancy no single chain earns by inventing tokens; a single chain
/// is trusted for its start exactly as far as for its end. Nothing streamed, or nothing alike: nothing is charged. (A client that has read the whole answer
/// cannot cancel any more, see the request's end.)
/// </para>
/// </summary>
public sealed class InferenceJob : IWorkflow<InferenceJobInput, JobOutcome>
{
    /// <summary>Registered name.</summary>
    public const string Name = "inference-job";

    /// <summary>Event with a <see cref="ResultArrived"/>.</summary>
    public const string ResultEvent = "result";

    /// <summary>Event with a <see cref="CancelRequested"/>.</summary>
    public const string CancelEvent = "cancel";

    /// <summary>Event with a <see cref="Disputes.ChallengeArrived"/>.</summary>
    public const string ChallengeEvent = "challenge";

    /// <summary>Attempts per chain number; when the last of them has failed, the job does.</summary>
    public const int MaxAttempts = 6;

    /// <inheritdoc />
    public async Task<JobOutcome> RunAsync(IWorkflowContext context, InferenceJobInput input)
    {
        using var job = new JobScope(context, input);
        return await new InferenceJobRun(job).RunAsync();
    }
}
