using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.OpenAi;
using Orchestrator.ControlPlane.Workflows;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Jobs;

/// <summary>Batch jobs over HTTP. A job of another account looks like one that does not exist.</summary>
public sealed class JobHandlers(JobFactory factory, JobReader jobs, IWorkflowClient workflows, RequestLimiter limiter, ControlPlaneOptions options, TimeProvider time)
{
    private const int MaxListed = 100;
    private const int MaxKeyLength = 255;

    /// <summary>
    /// <c>POST /api/jobs</c>: a chat or completion request to run when there is capacity. With an <c>Idempotency-Key</c> the job's id follows from account and
    /// key, so that any repeat, at any time and on any replica, names the same job.
    /// </summary>
    public async Task SubmitAsync(ApiCall call)
    {
        using var entered = limiter.Enter(call.Caller.Account);
        byte[] body = await call.ReadBodyAsync(options.MaxBodyBytes);
        using var document = ApiCall.ParseObject(body);
        var request = InferenceRequest.Parse(document.RootElement, options.StandardAssurance);
        if (request.Stream)
            throw ApiErrors.BadParameter("stream", "Jobs do not stream; follow /api/jobs/{id}/events.", "invalid_value");
        if (request.LogProbs)
            throw ApiErrors.Unsupported("logprobs", "Jobs do not keep log-probabilities. Use /v1/chat/completions.");
        var id = Id(call);
        var digest = Digest.Of(body);
        var job = await factory.CreateAsync(request, call.Caller.Account, id, digest, call.Aborted);
        var outcome = await workflows.ScheduleAsync(InferenceJob.Name, new InferenceJobInput(job.Spec, []), id.Value, cancellationToken: call.Aborted);
        var snapshot = await jobs.FindAsync(id.Value, call.Caller.Account, call.Aborted) ?? throw ApiErrors.Unavailable("The job could not be recorded. Try again.");
        if (outcome == ScheduleOutcome.AlreadyExists && snapshot.Spec.Request != digest)
            throw ApiErrors.IdempotencyMismatch();
        call.Http.Response.Headers.Location = $"/api/jobs/{id}";
        call.Http.Response.Headers["x-orchestrator-job"] = id.Value;
        await call.WriteAsync(JobView.Of(snapshot), ControlPlaneJson.Default.JobView, StatusCodes.Status202Accepted);
    }

    /// <summary><c>GET /api/jobs?limit=</c>.</summary>
    public async Task ListAsync(ApiCall call)
    {
        string? text = call.Http.Request.Query["limit"];
        int limit = 20;
        if (text is not null && (!int.TryParse(text, out limit) || limit is < 1 or > MaxListed))
            throw ApiErrors.BadParameter("limit", $"'limit' must be 1 to {MaxListed}.", "invalid_value");
        var found = await jobs.ListAsync(call.Caller.Account, limit, call.Aborted);
        await call.WriteAsync(new JobList([.. found.Select(JobView.Of)]), ControlPlaneJson.Default.JobList);
    }

    /// <summary><c>GET /api/jobs/{id}</c>.</summary>
    public async Task GetAsync(ApiCall call) =>
        await call.WriteAsync(JobView.Of(await FindAsync(call)), ControlPlaneJson.Default.JobView);

    /// <summary><c>DELETE /api/jobs/{id}</c>: asks for cancellation; a job that has ended stays as it is.</summary>
    public async Task CancelAsync(ApiCall call)
    {
        var job = await FindAsync(call);
        if (job.Outcome is null)
            await workflows.RaiseEventAsync(job.Spec.Job.Value, InferenceJob.CancelEvent, new CancelRequested("The owner asked for it."), call.Aborted);
        await call.WriteAsync(JobView.Of(job), ControlPlaneJson.Default.JobView, StatusCodes.Status202Accepted);
    }

    private async Task<JobSnapshot> FindAsync(ApiCall call) =>
        await jobs.FindAsync(call.Route("id"), call.Caller.Account, call.Aborted) ?? throw ApiErrors.NotFound("There is no such job. GET /api/jobs lists yours.");

    private JobId Id(ApiCall call)
    {
        if (call.Http.Request.Headers["Idempotency-Key"] is not [{ Length: > 0 } key])
            return JobId.New(time);
        if (key.Length > MaxKeyLength)
            throw ApiErrors.BadParameter("Idempotency-Key", $"An Idempotency-Key may have at most {MaxKeyLength} characters.", "invalid_value");
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{call.Caller.Account}\n{key}"));
        return JobId.TryParse("job-" + Convert.ToHexStringLower(hash.AsSpan(0, 16)), out var id) ? id : throw new InvalidOperationException("A hash makes an id.");
    }
}
