using System.Net;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Jobs;

namespace Orchestrator.ControlPlane.Tracing;

/// <summary>Tells a job's owner where its time went: asks every node of its chains, now, and puts the answers together. Nothing of it is kept.</summary>
public sealed class JobTraceHandler(JobReader jobs, NodeClient nodes, TimeProvider time)
{
    private const int MaxAnswer = 8 << 20;
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary><c>GET /api/jobs/{id}/trace?format=json|chrome</c>.</summary>
    public async Task GetAsync(ApiCall call)
    {
        var job = await jobs.FindAsync(call.Route("id"), call.Caller.Account, call.Aborted) ?? throw ApiErrors.NotFound("There is no such job. GET /api/jobs lists yours.");
        string format = call.Http.Request.Query["format"].ToString();
        if (format is not ("" or "json" or "chrome"))
            throw ApiErrors.BadParameter("format", "'format' must be json or chrome.", "invalid_value");
        long took = (long)(job.UpdatedAt - job.Spec.CreatedAt).TotalMicroseconds;
        var trace = new JobTraceView(
            job.Spec.Job.Value, job.Spec.CreatedAt, job.UpdatedAt, Math.Max(0, took), await Task.WhenAll(job.Progress.Chains.Select(c => TraceAsync(c, took, call.Aborted))));
        if (format == "chrome")
            await call.WriteAsync(ChromeTrace.Of(trace), ControlPlaneJson.Default.JsonObject);
        else
            await call.WriteAsync(trace, ControlPlaneJson.Default.JobTraceView);
    }

    private async Task<ChainTraceView> TraceAsync(DispatchedChain chain, long took, CancellationToken cancel)
    {
        var asked = await Task.WhenAll(chain.Stages.Select(s => s.Node).Distinct().Select(node => AskAsync(node, chain.Session, cancel)));
        return JobTrace.Of(
            chain,
            [.. asked.Where(a => a.Timings is not null).Select(a => (a.Node, a.Timings!))],
            [.. asked.Select(a => a.Problem).OfType<string>()],
            took);
    }

    private async Task<(NodeId Node, NodeTimings? Timings, string? Problem)> AskAsync(NodeId node, SessionId session, CancellationToken cancel)
    {
        try
        {
            var request = new TimingsRequest(TimingsRequest.CurrentSchema, node, session, time.GetUtcNow() + Life);
            using var response = await nodes.AskAsync(node, "timings", MessageTypes.TimingsRequest, request, ContractsJson.Default.TimingsRequest, Patience, cancel);
            var timings = JsonSerializer.Deserialize(await NodeClient.ReadAsync(response, MaxAnswer, cancel), ContractsJson.Default.NodeTimings);
            return timings?.Session == session ? (node, timings, null) : (node, null, $"{node.Short} answers about something else.");
        }
        catch (NodeSilentException e)
        {
            return (node, null, e.Status == HttpStatusCode.NotFound ? $"{node.Short} keeps nothing of this session: it still runs, or it was long ago." : e.Message);
        }
        catch (JsonException)
        {
            return (node, null, $"{node.Short} answers what cannot be read.");
        }
    }
}
