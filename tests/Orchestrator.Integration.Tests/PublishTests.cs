using System.Text.Json.Nodes;
using Orchestrator.Cli;
using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder;

namespace Orchestrator.Integration.Tests;

[Collection(nameof(OneAtATime))]
public sealed class PublishTests(OneNodeNetwork network) : IClassFixture<OneNodeNetwork>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_publish_that_broke_off_uploads_only_the_rest_when_it_is_repeated()
    {
        var model = await ShardAsync("resumed", stages: 4);
        await using var proxy = await CuttingProxy.StartAsync(network.Network.Endpoint);
        proxy.CutsAfter = 3;

        var broken = await network.RunAsync(proxy.Address, "model", "publish", model.Folder, "--chains", "0");
        proxy.CutsAfter = null;
        proxy.Uploads.Clear();
        var repeated = await network.RunAsync(proxy.Address, "model", "publish", model.Folder, "--chains", "0");

        broken.ExitCode.ShouldBe(1, broken.Err);
        broken.Err.TrimEnd().Split('\n')[^1].ShouldSatisfyAllConditions(l => l.ShouldStartWith("error: "), l => l.ShouldContain("broke off: repeat the command"));
        repeated.ExitCode.ShouldBe(0, repeated.Err);
        repeated.Err.ShouldContain("3 of 4 shards were there already");
        proxy.Uploads.ShouldBe([$"/api/blobs/{model.Shards[3]}"]);
        (await network.Client.GetAsync("api/models/resumed", Cancel))["stages"]!.AsArray().Count.ShouldBe(4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_shard_that_is_there_with_another_content_is_uploaded_again(bool empty)
    {
        var model = await ShardAsync(empty ? "emptied" : "changed", stages: 2);
        (await network.RunAsync(null, "model", "publish", model.Folder, "--chains", "0")).ExitCode.ShouldBe(0);
        string stored = Path.Combine(network.Network.Plan.Folder.Blobs, model.Shards[1][..2], model.Shards[1]);
        byte[] right = await File.ReadAllBytesAsync(stored, Cancel);
        await File.WriteAllBytesAsync(stored, empty ? [] : [.. right[..^1], (byte)(right[^1] ^ 1)], Cancel);

        var run = await network.RunAsync(null, "model", "publish", model.Folder, "--chains", "0", "-o", "json");

        run.ExitCode.ShouldBe(0, run.Err);
        ((int)JsonNode.Parse(run.Out)!["uploaded"]!).ShouldBe(1);
        (await File.ReadAllBytesAsync(stored, Cancel)).ShouldBe(right);
    }

    private async Task<(string Folder, string[] Shards)> ShardAsync(string name, int stages)
    {
        string folder = network.File(name);
        await new ModelSharder(new OnnxModelRuntime()).ShardAsync(BundledModel.Path, new ShardingOptions { Name = name, Stages = stages, OutputFolder = folder, Verify = false }, Cancel);
        return (folder, [.. ShardedModel.Load(folder).Manifest.Stages.Select(s => s.Blob.Value)]);
    }
}
