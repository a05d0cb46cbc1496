using Dapr.Actors.Client;
using Microsoft.AspNetCore.Http;
using Orchestrator.Actors;
using Orchestrator.ControlPlane.Accounts;
using Orchestrator.ControlPlane.Topology;

namespace Orchestrator.ControlPlane.Http;

/// <summary>Health routes: alive, and able to serve.</summary>
public sealed class HealthHandlers(TopologyCache topology, InitialCredits credits, IActorProxyFactory actors, ControlPlaneOptions options, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary><c>GET /</c>: points to the rest.</summary>
    public Task IndexAsync(ApiCall call) => call.WriteAsync(new IndexView("orchestrator", "/v1", "/api", "/openapi/v1.json"), ControlPlaneJson.Default.IndexView);

    /// <summary><c>GET /healthz</c>: the process answers.</summary>
    public Task LiveAsync(ApiCall call) => call.WriteAsync(new HealthView("ok"), ControlPlaneJson.Default.HealthView);

    /// <summary><c>GET /readyz</c>: actors answer, obey the same rules, and initial credits are granted.</summary>
    public async Task ReadyAsync(ApiCall call)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, call.Aborted);
        string status = "ok";
        try
        {
            await topology.ModelsAsync(both.Token);
            // An actor host of its own may have been given other rules, or changed since.
            if (await actors.Catalog().RulesAsync().WaitAsync(both.Token) != options.Rules.Fingerprint)
                status = "actors obey other network rules: give both the same rules file";
            else if (!credits.Done.IsCompletedSuccessfully)
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
