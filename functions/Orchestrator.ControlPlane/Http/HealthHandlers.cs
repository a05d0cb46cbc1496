using Microsoft.AspNetCore.Http;
using Orchestrator.ControlPlane.Accounts;
using Orchestrator.ControlPlane.Topology;

namespace Orchestrator.ControlPlane.Http;

/// <summary>Health routes: alive, and able to serve.</summary>
public sealed class HealthHandlers(TopologyCache topology, InitialCredits credits, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary><c>GET /</c>: points to the rest.</summary>
    public Task IndexAsync(ApiCall call) => call.WriteAsync(new IndexView("orchestrator", "/v1", "/api", "/openapi/v1.json"), ControlPlaneJson.Default.IndexView);

    /// <summary><c>GET /healthz</c>: the process answers.</summary>
    public Task LiveAsync(ApiCall call) => call.WriteAsync(new HealthView("ok"), ControlPlaneJson.Default.HealthView);

    /// <summary><c>GET /readyz</c>: actors answer and initial credits are granted.</summary>
    public async Task ReadyAsync(ApiCall call)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, call.Aborted);
        string status = "ok";
        try
        {
            await topology.ModelsAsync(both.Token);
            if (!credits.Done.IsCompletedSuccessfully)
                status = "initial credits are not granted yet";
        }
        catch (Exception) when (!call.Aborted.IsCancellationRequested)
        {
            status = "actors do not answer: is the sidecar running?";
        }

        await call.WriteAsync(
            new HealthView(status), ControlPlaneJson.Default.HealthView, status == "ok" ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
