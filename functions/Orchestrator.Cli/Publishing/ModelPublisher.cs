using System.Text.Json.Nodes;
using Orchestrator.Contracts;

namespace Orchestrator.Cli;

/// <summary>Brings a sharded model into a network: uploads what the network lacks, publishes the manifest, places the shards.</summary>
public sealed class ModelPublisher(ApiClient client, TimeProvider time)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Uploads the shards that are not there yet and publishes the manifest, so that one that broke off goes on where it was.</summary>
    /// <param name="model">What was sharded.</param>
    /// <param name="report">Told what is going on.</param>
    /// <param name="cancel">Stops between requests.</param>
    /// <returns>How many shards had to be uploaded.</returns>
    public async Task<int> PublishAsync(ShardedModel model, Action<string> report, CancellationToken cancel)
    {
        int all = model.Manifest.Stages.Count;
        List<ShardManifest> missing = [];
        foreach (var shard in model.Manifest.Stages)
        {
            if (!await client.HasBlobAsync(shard.Blob, cancel))
                missing.Add(shard);
        }

        if (missing.Count < all)
            report($"{all - missing.Count} of {all} shards were there already");
        foreach (var shard in missing)
        {
            report($"uploading shard {shard.Stage + 1} of {all}…");
            await using var file = File.OpenRead(model.ShardPath(shard.Stage));
            await client.PutBlobAsync(shard.Blob, file, cancel);
        }

        report("publishing the manifest…");
        await client.PostAsync("api/models", JsonNode.Parse(model.ManifestBytes), cancel);
        return missing.Count;
    }

    /// <summary>Has the network place so many complete chains, once so many nodes are ready: shards spread over the nodes there are.</summary>
    public async Task PlaceAsync(string name, int chains, int nodes, CancellationToken cancel)
    {
        while (true)
        {
            var known = await client.NodesAsync(cancel);
            if (known.Count(node => node!["status"]!.GetValue<string>() == "ready") >= nodes)
            {
                var placed = await client.PostAsync($"api/models/{name}/place", new JsonObject { ["chains"] = chains }, cancel);
                if (placed["chains"]?.GetValue<int>() >= chains)
                    return;
            }

            await Task.Delay(PollInterval, time, cancel);
        }
    }

    /// <summary>Waits until every stage is ready on at least so many live nodes.</summary>
    public async Task WaitReadyAsync(string name, int copies, CancellationToken cancel)
    {
        while (true)
        {
            var model = await client.GetAsync($"api/models/{name}", cancel);
            if (model["stages"] is JsonArray stages && stages.Count > 0 && stages.All(stage => ReadyNodes(stage!) >= copies))
                return;
            await Task.Delay(PollInterval, time, cancel);
        }
    }

    private static int ReadyNodes(JsonNode stage) =>
        stage["nodes"]!.AsArray().Count(node => node!["live"]!.GetValue<bool>() && node["answers"]!.GetValue<bool>() && node["state"]!.GetValue<string>() == "ready");
}
