using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Orchestrator.Functions.Http;

/// <summary>Quotes, batch jobs and what belongs to them.</summary>
public sealed class JobsFunctions(HttpFunctions http)
{
    /// <summary>Price, expected extra time and detection probability of a request at every assurance; runs nothing.</summary>
    [Function("quoteRequest")]
    public Task QuoteRequestAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/quotes")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("quoteRequest", request, client);

    /// <summary>Submits a chat or completion request as a batch job.</summary>
    [Function("submitJob")]
    public Task SubmitJobAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/jobs")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("submitJob", request, client);

    /// <summary>The caller's jobs, newest first.</summary>
    [Function("listJobs")]
    public Task ListJobsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/jobs")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("listJobs", request, client);

    /// <summary>One job.</summary>
    [Function("getJob")]
    public Task GetJobAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/jobs/{id}")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("getJob", request, client);

    /// <summary>Status changes and tokens as server-sent events.</summary>
    [Function("followJob")]
    public Task FollowJobAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/jobs/{id}/events")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("followJob", request, client);

    /// <summary>What the agreed chains signed, to be checked offline.</summary>
    [Function("getReceipts")]
    public Task GetReceiptsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/jobs/{id}/receipts")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("getReceipts", request, client);

    /// <summary>Answers whose evidence is public and that can still be challenged.</summary>
    [Function("listOpenEvidence")]
    public Task ListOpenEvidenceAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/evidence")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("listOpenEvidence", request, client);

    /// <summary>What a stage received and committed to.</summary>
    [Function("getEvidence")]
    public Task GetEvidenceAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/jobs/{id}/evidence/{stage}")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("getEvidence", request, client);

    /// <summary>Where the job's time went.</summary>
    [Function("traceJob")]
    public Task TraceJobAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/jobs/{id}/trace")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("traceJob", request, client);

    /// <summary>Asks for a job's cancellation.</summary>
    [Function("cancelJob")]
    public Task CancelJobAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/jobs/{id}")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("cancelJob", request, client);
}
