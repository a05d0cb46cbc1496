using Dapr.Actors.Client;
using Microsoft.AspNetCore.Http;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.Workflows;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Disputes;
using Orchestrator.Core.Settlement;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Disputes;

/// <summary>Challenges of provisional answers, and disputes as they stand.</summary>
public sealed class DisputeHandlers(
    IActorProxyFactory actors, Challengers challengers, JobReader jobs, IWorkflowClient workflows, ControlPlaneOptions options, TimeProvider time)
{
    private const int MaxListed = 200;
    private const int MaxClaims = 1024;

    /// <summary>
    /// <c>POST /api/disputes</c>: whoever operates a staked node may challenge a provisional answer, with a bond that is lost when the receipt is upheld. The node
    /// answers for the challenge: it must be able to replay the stage.
    /// </summary>
    public async Task ChallengeAsync(ApiCall call)
    {
        var request = await call.ReadAsync(ControlPlaneJson.Default.ChallengeRequest);
        if (options.Audits.Referees.Count == 0)
            throw ApiErrors.Unavailable("This platform has no referee: disputes could not be settled. Ask its operator to configure one.", "no_referee");
        var challenger = await challengers.FindAsync(call.Caller, request.Node);
        var job = JobId.TryParse(request.Job, out var id) ? await jobs.ReadAsync(id, call.Aborted) : null;
        if (job?.Answer is not { } answer || answer.Info.Assurance.Finality != Finality.Provisional || !job.Spec.Assurance.HasWindow)
            throw job is null
                ? ApiErrors.NotFound("There is no such job.")
                : ApiErrors.Conflict("The job's answer cannot be challenged, or not any more. Only answers of assurance 'optimistic' can be, until their final_at.", "not_challengeable");
        if (answer.Info.Assurance.FinalAt <= time.GetUtcNow())
            throw ApiErrors.Conflict($"The challenge window of this answer ended at {answer.Info.Assurance.FinalAt:u}. It is still provisional because of checks that were begun before.", "window_closed");
        var chain = job.Progress.Chains.FirstOrDefault(c => c.Session.Value == request.Session);
        var (subject, claims) = (Subject(request), Claims(request));
        var dispute = subject == DisputeSubject.Draws
            ? DisputeId.OfDraws(chain?.Session ?? default, request.Stage, request.Choice, challenger.Record.Node)
            : DisputeId.OfChallenge(chain?.Session ?? default, request.Stage, request.Choice, challenger.Record.Node);
        var arrived = new ChallengeArrived(
            dispute, challenger.Record.Node, challenger.Record.Host, chain?.Session ?? default, request.Stage, request.Choice, claims, options.Audits.ChallengeBond, time.GetUtcNow(), challenger.Record.Capability.Class,
            subject);
        // How many chunks there are only the job's own record says: the workflow refuses what lies beyond.
        if (arrived.Problem(chain, answer.PromptTokens, (_, choice) => choice >= 0 && choice < job.Spec.Choices ? MaxClaims : 0) is { } problem)
            throw ApiErrors.BadParameter(null, problem, "invalid_challenge");
        // One bond pays for one line in the job's journal, not for any number of repeats.
        bool heard = job.Progress.Checks?.Any(c => c.Id == dispute.Value) ?? false;
        if (!heard && job.Progress.Checks?.Count(c => c.Kind == "dispute") >= ChallengeWindow.MaxDisputes)
            throw ApiErrors.Conflict($"This answer has its {ChallengeWindow.MaxDisputes} disputes already.", "too_many_disputes");
        await HoldAsync(arrived, job.Spec);
        if (!heard && await workflows.RaiseEventAsync(job.Spec.Job.Value, InferenceJob.ChallengeEvent, arrived, call.Aborted) != RaiseOutcome.Accepted)
        {
            await actors.Account(arrived.Host).ReleaseAsync(DisputeInput.HoldOf(dispute));
            throw ApiErrors.Conflict("The job has just ended; nothing was charged.", "window_closed");
        }

        call.Http.Response.Headers.Location = $"/api/disputes/{dispute}";
        await call.WriteAsync(new ChallengeView(dispute.Value, arrived.Bond), ControlPlaneJson.Default.ChallengeView, StatusCodes.Status202Accepted);
    }

    /// <summary><c>GET /api/disputes</c>: the newest, open and closed.</summary>
    public async Task ListAsync(ApiCall call)
    {
        List<DisputeView> found = [];
        await foreach (var state in workflows.ListAsync(new WorkflowQuery { Name = DisputeWorkflow.Name, Limit = MaxListed }, call.Aborted))
        {
            if (DisputeView.Of(state) is { } view)
                found.Add(view);
        }

        await call.WriteAsync(new DisputeList([.. found.OrderByDescending(d => d.OpenedAt)]), ControlPlaneJson.Default.DisputeList);
    }

    /// <summary><c>GET /api/disputes/{id}</c>.</summary>
    public async Task GetAsync(ApiCall call) => await call.WriteAsync(
        DisputeId.TryParse(call.Route("id"), out var id) && await workflows.GetAsync(id.Value, call.Aborted) is { } state && DisputeView.Of(state) is { } view
            ? view
            : throw ApiErrors.NotFound("There is no such dispute. GET /api/disputes lists them."),
        ControlPlaneJson.Default.DisputeView);

    private static DisputeSubject Subject(ChallengeRequest request) => request.Subject switch
    {
        null or "outputs" => DisputeSubject.Outputs,
        "draws" => DisputeSubject.Draws,
        _ => throw ApiErrors.BadParameter("subject", "'subject' must be \"outputs\", what a stage put out, or \"draws\", the tokens that the last stage drew from it.", "invalid_value"),
    };

    private static List<ChunkClaim> Claims(ChallengeRequest request)
    {
        if (request.Claims is not { Count: > 0 and <= MaxClaims })
            throw ApiErrors.BadParameter("claims", $"'claims' must have 1 to {MaxClaims} entries of chunk and output: what the stage should have put out.");
        List<ChunkClaim> claims = [];
        foreach (var claim in request.Claims)
        {
            if (claim is null || !Digest.TryParse(claim.Output, out var output))
                throw ApiErrors.BadParameter("claims", "The 'output' of a claim must be a SHA-256 in lower-case hex.");
            claims.Add(new ChunkClaim(claim.Chunk, output));
        }

        return claims;
    }

    private async Task HoldAsync(ChallengeArrived challenge, JobSpec job)
    {
        if (challenge.Bond == 0)
            return;
        var until = time.GetUtcNow() + job.Window + 2 * job.LongestCheck;
        var held = await actors.Account(challenge.Host).HoldAsync(new Hold(DisputeInput.HoldOf(challenge.Dispute), challenge.Bond, until));
        if (held.Status == HoldStatus.Closed)
            throw ApiErrors.BadParameter(null, "This node has challenged this stage before.", "challenged_before");
        if (!held.Accepted)
            throw ApiErrors.InsufficientQuota(challenge.Bond, held.Available);
    }
}
