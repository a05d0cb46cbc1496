using System.Text.Json.Nodes;
using Orchestrator.Contracts;

namespace Orchestrator.Cli;

/// <summary>Brings a sharded model into a network: uploads what the network lacks, publishes the manifest, places the shards.</summary>
public sealed class ModelPublisher(ApiClient client, TimeProvider time)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Uploads the blobs and publishes the manifest; the network places the shards.</summary>
    /// <param name="model">What was sharded.</param>
    /// <param name="report">Told what is going on.</param>
    /// <param name="cancel">Stops between requests.</param>
    public async Task PublishAsync(ShardedModel model, Action<string> report, CancellationToken cancel)
    {
        foreach (var shard in model.Manifest.Stages)
        {
            report($"uploading shard {shard.Stage + 1} of {model.Manifest.Stages.Count}");
            await using var file = File.OpenRead(model.ShardPath(shard.Stage));
            await client.PutBlobAsync(shard.Blob, file, cancel);
        }

        using (var manifest = new MemoryStream(model.ManifestBytes))
            await client.PutBlobAsync(model.Digest, manifest, cancel);
        await client.PostAsync("api/models", new JsonObject { ["manifest"] = model.Digest.Value }, cancel);
    }

    /// <summary>Waits until every stage is ready on at least so many nodes.</summary>
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
        stage["nodes"]!.AsArray().Count(node => string.Equals(node!["state"]?.GetValue<string>(), nameof(ShardState.Ready), StringComparison.OrdinalIgnoreCase));
}
