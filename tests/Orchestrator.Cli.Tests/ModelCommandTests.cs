using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Tests;

public sealed class ModelCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("orchestrator-cli-tests-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task The_bundled_model_is_cut_checked_against_the_whole_and_described_as_json()
    {
        var shard = await CommandLineRun.Of("model", "shard", BundledModel.Path, "--stages", "4", "--out", folder, "-o", "json");
        shard.ExitCode.ShouldBe(0, shard.Err);
        var report = JsonNode.Parse(shard.Out)!;
        report["stages"]!.AsArray().Count.ShouldBe(4);
        report["verified"]!.GetValue<bool>().ShouldBeTrue();

        var check = await CommandLineRun.Of("model", "check", folder, "--model", BundledModel.Path, "-o", "json");
        check.ExitCode.ShouldBe(0, check.Err + check.Out);
        JsonNode.Parse(check.Out)!["comparison"]!["bit_identical"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task A_shard_with_one_flipped_byte_fails_the_check()
    {
        (await CommandLineRun.Of("model", "shard", BundledModel.Path, "--stages", "2", "--out", folder, "--no-verify")).ExitCode.ShouldBe(0);
        string shard = Directory.GetFiles(folder, "*.onnx")[1];
        byte[] bytes = await File.ReadAllBytesAsync(shard, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(shard, bytes, TestContext.Current.CancellationToken);

        var check = await CommandLineRun.Of("model", "check", folder);

        check.ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task Cutting_again_into_fewer_leaves_no_shard_of_the_earlier_cut()
    {
        (await CommandLineRun.Of("model", "shard", BundledModel.Path, "--stages", "4", "--out", folder, "--no-verify")).ExitCode.ShouldBe(0);
        (await CommandLineRun.Of("model", "shard", BundledModel.Path, "--stages", "2", "--out", folder, "--no-verify")).ExitCode.ShouldBe(0);

        Directory.GetFiles(folder, "*.onnx").Length.ShouldBe(2);
    }

    [Fact]
    public async Task More_stages_than_layers_names_the_most_that_is_possible()
    {
        var run = await CommandLineRun.Of("model", "shard", BundledModel.Path, "--stages", "99", "--out", folder);

        run.ExitCode.ShouldBe(1);
        run.Err.ShouldContain("8");
        run.Err.TrimEnd().Split('\n').Length.ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task Publishing_a_folder_without_a_manifest_names_the_fix()
    {
        var run = await CommandLineRun.Of("model", "publish", folder, "--endpoint", "http://127.0.0.1:9", "--key-file", typeof(ModelCommandTests).Assembly.Location);

        run.ExitCode.ShouldBe(1);
        run.Err.ShouldContain("orchestrator model shard");
    }
}
