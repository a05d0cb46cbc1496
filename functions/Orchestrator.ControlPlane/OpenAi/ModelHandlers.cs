using Orchestrator.Actors;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Topology;

namespace Orchestrator.ControlPlane.OpenAi;

/// <summary><c>GET /v1/models</c> and <c>GET /v1/models/{id}</c>.</summary>
public sealed class ModelHandlers(TopologyCache topology)
{
    /// <summary>All published models.</summary>
    public async Task ListAsync(ApiCall call)
    {
        var models = await topology.ModelsAsync(call.Aborted);
        var entries = models.Values.Select(Entry).OrderBy(m => m.Id, StringComparer.Ordinal);
        await call.WriteAsync(new ModelList("list", [.. entries]), ControlPlaneJson.Default.ModelList);
    }

    /// <summary>One model.</summary>
    public async Task GetAsync(ApiCall call)
    {
        string id = call.Route("id");
        var model = await topology.ModelAsync(id, call.Aborted) ?? throw ApiErrors.ModelNotFound(id.Length <= 128 ? id : id[..128] + "…");
        await call.WriteAsync(Entry(model), ControlPlaneJson.Default.ModelEntry);
    }

    private static ModelEntry Entry(ModelState model) =>
        new(model.Publication.Manifest.Name, "model", model.Publication.PublishedAt.ToUnixTimeSeconds(), "orchestrator");
}
