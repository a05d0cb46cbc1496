using System.Net;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>What nodes are told to hold.</summary>
public sealed class PlacementTests
{
    [Fact]
    public async Task Nodes_drop_the_shards_of_a_manifest_that_was_replaced()
    {
        await using var platform = await Platform.StartAsync(nodes: 4, chains: 1, configure: o => o with
        {
            PlacementResendInterval = TimeSpan.FromMilliseconds(50),
            Liveness = o.Liveness with { HeartbeatInterval = TimeSpan.FromMilliseconds(50), MissedHeartbeats = 1000 },
        });
        var before = platform.Model.ManifestDigest;
        byte[] next = JsonSerializer.SerializeToUtf8Bytes(platform.Model.Manifest with { ContextLength = 256 }, ContractsJson.Default.ModelManifest);
        using var admin = platform.Client(Platform.AdminKey);
        var published = await admin.PostAsync("/api/models", new ByteArrayContent(next), TestContext.Current.CancellationToken);
        published.StatusCode.ShouldBe(HttpStatusCode.Created);

        await Eventually.Holds(
            async () =>
            {
                await platform.Network.BeatAsync();
                return platform.Network.Nodes.All(node =>
                {
                    lock (node.Shards)
                        return node.Shards.All(shard => shard.Manifest != before);
                });
            },
            () => string.Join(", ", platform.Network.Nodes.SelectMany(n => n.Shards)));
    }
}
