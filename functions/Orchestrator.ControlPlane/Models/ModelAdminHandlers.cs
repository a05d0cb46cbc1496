using Dapr.Actors.Client;
using Microsoft.AspNetCore.Http;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Availability;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Nodes;
using Orchestrator.ControlPlane.Topology;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Placement;

namespace Orchestrator.ControlPlane.Models;

/// <summary>Publishing and placing models, and where they are.</summary>
public sealed class ModelAdminHandlers(
    IActorProxyFactory actors, IOwnedBlobStore blobs, TopologyCache topology, PlacementSender sender, NodeDoors doors, NodeDialer dialer, ControlPlaneOptions options, TimeProvider time)
{
    private const int MaxPlacements = 4096;

    /// <summary>
    /// <c>POST /api/models</c>: the body is the manifest exactly as the sharder wrote it; its bytes become a blob that names it. Its shards must be in the
    /// blob store already, and are hashed once more.
    /// </summary>
    public async Task PublishAsync(ApiCall call)
    {
        byte[] body = await call.ReadBodyAsync(ManifestValidator.MaxBytes);
        if (!ManifestValidator.TryParse(body, out var manifest, out var errors))
            throw ApiErrors.BadParameter(null, $"The manifest is not valid: {string.Join("; ", errors.Take(10))}", "invalid_manifest");
        await CheckShardsAsync(manifest, call.Aborted);
        await KeepReplacedAsync(manifest.Name, call.Aborted);
        using var content = new MemoryStream(body);
        var digest = await blobs.PutAsync(content, call.Aborted);
        var model = await actors.Model(manifest.Name).PublishAsync(new ModelPublication(digest, manifest, time.GetUtcNow()));
        await actors.Catalog().AddModelAsync(manifest.Name);
        topology.Invalidate();
        call.Http.Response.Headers.Location = $"/api/models/{manifest.Name}";
        await call.WriteAsync(View(model), ControlPlaneJson.Default.ModelView, StatusCodes.Status201Created);
    }

    /// <summary><c>GET /api/models/{name}</c>.</summary>
    public async Task GetAsync(ApiCall call) => await call.WriteAsync(View(await FindAsync(call)), ControlPlaneJson.Default.ModelView);

    /// <summary><c>POST /api/models/{name}/place</c>.</summary>
    public async Task PlaceAsync(ApiCall call)
    {
        var request = await call.ReadAsync(ControlPlaneJson.Default.PlaceRequest);
        var model = await FindAsync(call);
        var plan = request.Placements is null ? await PlanAsync(model, request.Chains, call.Aborted) : null;
        var wanted = plan?.Placements ?? Check(model, request.Placements!);
        var before = model.Placements.Select(p => p.Node).ToList();
        var placed = await actors.Model(model.Publication.Manifest.Name).PlaceAsync(wanted);
        topology.Invalidate();
        await ReportAsync(placed, wanted);
        await sender.SendAllAsync(placed, before, call.Aborted);
        await call.WriteAsync(
            new PlaceAnswer(placed.PlacementVersion, plan?.Chains, placed.Placements, [.. (plan?.Problems ?? []).Select(p => p.Message)]),
            ControlPlaneJson.Default.PlaceAnswer);
    }

    private async Task<ModelState> FindAsync(ApiCall call)
    {
        string name = call.Route("name");
        // Not from the cache: who just published must see it.
        bool known = (await topology.ModelsAsync(call.Aborted)).ContainsKey(name);
        return (known ? await actors.Model(name).GetAsync() : null) ?? throw ApiErrors.ModelNotFound(name.Length <= 128 ? name : name[..128] + "…");
    }

    private async Task CheckShardsAsync(ModelManifest manifest, CancellationToken cancel)
    {
        List<string> problems = [];
        foreach (var shard in manifest.Stages)
        {
            try
            {
                // An old upload must not be swept between this look and the publication that keeps it.
                await blobs.TouchAsync(shard.Blob, cancel);
                await using var content = await blobs.OpenAsync(shard.Blob, cancel);
                if (content.Length != shard.Bytes)
                    problems.Add($"stage {shard.Stage} has {content.Length} bytes instead of {shard.Bytes}");
                else if (await Digest.OfAsync(content, cancel) != shard.Blob)
                    problems.Add($"stage {shard.Stage} does not match its digest");
            }
            catch (FileNotFoundException)
            {
                problems.Add($"stage {shard.Stage} is missing: PUT /api/blobs/{shard.Blob}");
            }
        }

        if (problems.Count > 0)
            throw ApiErrors.BadParameter("stages", $"The shards are not all there: {string.Join("; ", problems.Take(10))}.", "blob_missing");
    }

    /// <summary>Jobs in progress still run, check and dispute what is replaced: it stays for as long as anything unpublished does, counted from now.</summary>
    private async Task KeepReplacedAsync(string name, CancellationToken cancel)
    {
        if (await actors.Model(name).GetAsync() is not { } before)
            return;
        foreach (var blob in before.Publication.Manifest.Stages.Select(s => s.Blob).Append(before.Publication.ManifestDigest))
            await blobs.TouchAsync(blob, cancel);
    }

    private async Task<PlacementPlan> PlanAsync(ModelState model, int? chains, CancellationToken cancel)
    {
        int wanted = chains ?? options.DefaultChains;
        if (wanted is < 1 or > 64)
            throw ApiErrors.BadParameter("chains", "'chains' must be 1 to 64.");
        var catalog = await topology.CatalogAsync(cancel);
        var nodes = (await Task.WhenAll(catalog.Nodes.Select(id => actors.Node(id).GetAsync()))).OfType<NodeState>().ToList();
        var plan = PlacementPlanner.Plan(new PlacementRequest(
            model.Publication.ManifestDigest, model.Publication.Manifest, nodes, model.Placements, wanted,
            await ReservedAsync(model, cancel), options.Liveness, time.GetUtcNow())
        {
            Standing = options.Standing,
            Reach = dialer.Rule,
        });
        return plan.Chains > 0 || plan.Placements.Count > 0
            ? plan
            : throw ApiErrors.Unavailable($"The model cannot be placed: {string.Join(" ", plan.Problems.Select(p => p.Message))}", "no_capacity");
    }

    private async Task<Dictionary<NodeId, long>> ReservedAsync(ModelState model, CancellationToken cancel)
    {
        var others = (await topology.ModelsAsync(cancel)).Values.Where(m => m.Publication.Manifest.Name != model.Publication.Manifest.Name);
        return others.SelectMany(m => m.Placements.Select(p => (p.Node, Bytes: ShardMemory.BytesOf(m.Publication.Manifest, p.Stage))))
            .GroupBy(p => p.Node)
            .ToDictionary(g => g.Key, g => g.Sum(p => p.Bytes));
    }

    /// <summary>The model learns of its nodes now, not only at their next heartbeat.</summary>
    private async Task ReportAsync(ModelState model, IReadOnlyList<StagePlacement> wanted)
    {
        var known = await Task.WhenAll(wanted.Select(p => p.Node).Distinct().Select(id => actors.Node(id).GetAsync()));
        await Task.WhenAll(known.OfType<NodeState>().Select(n => actors.Model(model.Publication.Manifest.Name).ReportNodeAsync(n)));
    }

    private static IReadOnlyList<StagePlacement> Check(ModelState model, IReadOnlyList<StagePlacement> placements)
    {
        int stages = model.Publication.Manifest.Stages.Count;
        if (placements.Count > MaxPlacements || placements.Any(p => p is null || p.Node == default || (uint)p.Stage >= (uint)stages))
            throw ApiErrors.BadParameter("placements", $"'placements' takes at most {MaxPlacements} pairs of a node id and a stage from 0 to {stages - 1}.");
        return [.. placements.Distinct()];
    }

    private ModelView View(ModelState model)
    {
        var manifest = model.Publication.Manifest;
        return new ModelView(
            manifest.Name, model.Publication.ManifestDigest, model.Publication.PublishedAt, manifest.LayerCount, manifest.ContextLength,
            manifest.ParameterCount, model.PlacementVersion, [.. manifest.Stages.Select(s => Stage(model, s))]);
    }

    private StageView Stage(ModelState model, ShardManifest shard)
    {
        var wanted = model.Placements.Where(p => p.Stage == shard.Stage).Select(p => p.Node).ToHashSet();
        var holding = model.Nodes.Where(n => n.ShardOf(model.Publication.ManifestDigest, shard.Stage) is not null).Select(n => n.Record.Node);
        var now = time.GetUtcNow();
        return new StageView(shard.Stage, shard.Layers, shard.Bytes, [.. wanted.Union(holding).OrderBy(n => n.Value, StringComparer.Ordinal).Select(id =>
        {
            var node = model.Nodes.FirstOrDefault(n => n.Record.Node == id);
            string state = node?.ShardOf(model.Publication.ManifestDigest, shard.Stage) switch
            {
                ShardState.Ready => "ready",
                ShardState.Loading => "loading",
                ShardState.Failed => "failed",
                _ => "missing",
            };
            return new StageNodeView(id, node?.Record.Host ?? "", wanted.Contains(id), state, node is not null && !options.Liveness.IsStale(node, now) && dialer.Rule.Admits(node, now), node is not null && doors.Rule.Admits(node, now));
        })]);
    }
}
