using System.Collections.Concurrent;
using System.Globalization;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Disputes;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.OpenAi;
using Orchestrator.Core.Settlement;

namespace Orchestrator.ControlPlane.Evidence;

/// <summary>
/// What a stage received and committed to, for who may challenge it. The owner of a job may read it for as long as nodes keep it; others if the request said so, under the
/// name of a node with a bonded stake, while they can challenge. Nobody may while an audit runs: an auditor must not know what it is to find.
/// </summary>
public sealed class EvidenceHandlers(JobReader jobs, Challengers challengers, EvidenceDesk desk, OpenAnswers open, TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, bool> reading = new();

    /// <summary><c>GET /api/evidence?node=</c>: what there is to look at for who may challenge.</summary>
    public async Task ListAsync(ApiCall call)
    {
        await challengers.FindAsync(call.Caller, call.Http.Request.Query["node"]);
        await call.WriteAsync(new OpenAnswerList(await open.ListAsync(call.Aborted)), ControlPlaneJson.Default.OpenAnswerList);
    }

    /// <summary><c>GET /api/jobs/{id}/evidence/{stage}?chain=&amp;choice=&amp;node=</c>: an <c>EvidenceBundle</c>.</summary>
    public async Task GetAsync(ApiCall call)
    {
        int stage = Number(call.Route("stage"), "stage");
        var (job, reporter) = await AdmitAsync(call);
        if (job.Answer is null)
            throw ApiErrors.NotFound("The job has no receipts: its chains have not agreed on an answer.", "no_receipts");
        if (job.Outcome is null && (job.Progress.Checks ?? []).Any(c => c is { Kind: "audit", Verdict: "running" }))
            throw ApiErrors.Unavailable("The answer is being audited, and auditors must not know what they are to find. Ask again when 'checks' of the job shows no audit running.", "audits_running", 5);
        if (!reading.TryAdd(call.Caller.Account, true))
            throw new ApiException(429, "requests", "The account reads evidence already. Wait for that to end.") { Code = "rate_limit_exceeded", RetryAfterSeconds = 2 };
        try
        {
            using var limit = new CancellationTokenSource(Longest, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, call.Aborted);
            await WriteAsync(call, await desk.OpenAsync(job, Query(call, "chain"), stage, Query(call, "choice") ?? 0, reporter, both.Token), both.Token);
        }
        catch (OperationCanceledException) when (!call.Aborted.IsCancellationRequested)
        {
            call.Http.Abort();
        }
        finally
        {
            reading.TryRemove(call.Caller.Account, out _);
        }
    }

    private static async Task WriteAsync(ApiCall call, OpenEvidence evidence, CancellationToken cancel)
    {
        await using var inputs = evidence.Inputs;
        var response = call.Http.Response;
        response.ContentType = "application/octet-stream";
        response.Headers.XContentTypeOptions = "nosniff";
        // No length: the end is told when the account may read the next, not with the last byte.
        await response.Body.WriteAsync(evidence.Preamble, cancel);
        await inputs.CopyToAsync(response.Body, cancel);
    }

    /// <summary>The job, and the host that is rewarded if a node turns out to withhold; null for the owner.</summary>
    private async Task<(JobSnapshot Job, string? Reporter)> AdmitAsync(ApiCall call)
    {
        var job = JobId.TryParse(call.Route("id"), out var id) ? await jobs.ReadAsync(id, call.Aborted) : null;
        if (job?.Spec.Owner == call.Caller.Account)
            return (job, null);
        if (job?.Spec.Evidence != EvidenceAudience.Public)
            throw ApiErrors.NotFound("There is no such job, or its evidence is for its owner only: others may read it where the request said \"orchestrator\": {\"evidence\": \"public\"}.");
        string? node = call.Http.Request.Query["node"];
        if (string.IsNullOrEmpty(node))
            throw ApiErrors.Forbidden("Evidence of this job is for its owner and for those who may challenge its answer: add ?node= with the id of your node that has a bonded stake.");
        var challenger = await challengers.FindAsync(call.Caller, node);
        var assurance = job.Answer?.Info.Assurance;
        if (assurance is not null && (assurance.Finality != Finality.Provisional || assurance.FinalAt <= time.GetUtcNow()))
            throw ApiErrors.Conflict("The challenge window of this answer is over: its evidence is for its owner only now.", "window_closed");
        return (job, challenger.Record.Host);
    }

    private static int? Query(ApiCall call, string name) => call.Http.Request.Query.TryGetValue(name, out var text) ? Number(text.ToString(), name) : null;

    private static int Number(string text, string name) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        ? number
        : throw ApiErrors.BadParameter(name, $"'{name}' must be a whole number from 0 on.", "invalid_value");
}
