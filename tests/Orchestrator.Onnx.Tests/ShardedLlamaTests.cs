using Orchestrator.Contracts;
using Orchestrator.Onnx.Execution;
using Orchestrator.Onnx.Generation;
using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder;
using Orchestrator.TestKit;
using Orchestrator.Trainer.Export;

namespace Orchestrator.Onnx.Tests;

/// <summary>Real shards, cut by the real sharder, against the original file.</summary>
public sealed class ShardedLlamaTests(LlamaFixture llama) : IClassFixture<LlamaFixture>
{
    public static TheoryData<AttentionStyle> Styles => [AttentionStyle.Standard, AttentionStyle.GroupQuery];

    [Theory, MemberData(nameof(Styles))]
    public async Task The_chain_draws_what_the_original_file_draws(AttentionStyle style)
    {
        await using var sharded = await Sharded.Create(llama, style);
        using var whole = await sharded.Whole();
        int[] prompt = llama.Tokens(135);
        foreach (var sampling in (SamplingParameters[])[new(Temperature: 0, TopLogProbs: 3), new(Temperature: 1.5, TopP: 0.9, Seed: 5, TopLogProbs: 3)])
        {
            var expected = Describe(new LocalGenerator([whole], sharded.Model.Vocabulary).Generate(prompt, sampling, 12, null));
            Describe(new LocalGenerator(sharded.Stages, sharded.Model.Vocabulary).Generate(prompt, sampling, 12, null)).ShouldBe(expected);
            expected.Count.ShouldBe(12);
        }
    }

    [Theory, MemberData(nameof(Styles))]
    public async Task The_chains_logits_are_bit_identical_after_prefill_decode_and_rewind(AttentionStyle style)
    {
        await using var sharded = await Sharded.Create(llama, style);
        using var engine = await sharded.Whole();
        using var whole = new LocalChain([engine], sharded.Model.Vocabulary, 100);
        using var chain = new LocalChain(sharded.Stages, sharded.Model.Vocabulary, 100);
        foreach (int[] pass in (int[][])[llama.Tokens(20), [1], [2], llama.Tokens(7, 9), [3]])
            chain.Run(pass).ToArray().ShouldBe(whole.Run(pass).ToArray());
        whole.Rewind(11);
        chain.Rewind(11);
        chain.Position.ShouldBe(11);
        foreach (int[] pass in (int[][])[[4], llama.Tokens(5, 3), [5]])
            chain.Run(pass).ToArray().ShouldBe(whole.Run(pass).ToArray());
    }

    [Theory, MemberData(nameof(Styles))]
    public async Task Hostile_boundary_tensors_are_refused_and_change_nothing(AttentionStyle style)
    {
        await using var sharded = await Sharded.Create(llama, style);
        using var first = sharded.Stages[0].Open(32);
        using var attacked = sharded.Stages[1].Open(32);
        using var twin = sharded.Stages[1].Open(32);
        var good = Copy(first.Run([1, 2, 3], 3, []));
        Bytes(attacked.Run([], 3, good)).ShouldBe(Bytes(twin.Run([], 3, good)));

        var next = Copy(first.Run([4, 5], 2, []));
        foreach (var (name, bad) in Hostile(next))
            Should.Throw<InvalidDataException>(() => attacked.Run([], 2, bad), name);
        Should.Throw<InvalidDataException>(() => attacked.Run([], 1, next));
        Should.Throw<InvalidDataException>(() => attacked.Run([], 3, next));
        Should.Throw<InvalidDataException>(() => attacked.Run([], int.MinValue, next));
        attacked.Position.ShouldBe(3);
        Bytes(attacked.Run([], 2, next)).ShouldBe(Bytes(twin.Run([], 2, next)));
    }

    [Fact]
    public async Task Unaligned_memory_gives_the_same_bits()
    {
        await using var sharded = await Sharded.Create(llama, AttentionStyle.Standard);
        using var first = sharded.Stages[0].Open(160);
        using var aligned = sharded.Stages[1].Open(160);
        using var unaligned = sharded.Stages[1].Open(160);
        foreach (int[] pass in (int[][])[llama.Tokens(150), [7]])
        {
            var sent = first.Run(pass, pass.Length, []);
            var moved = sent.Select(tensor =>
            {
                byte[] shifted = new byte[tensor.Bytes.Length + 3];
                tensor.Bytes.Span.CopyTo(shifted.AsSpan(3));
                return tensor with { Bytes = shifted.AsMemory(3) };
            }).ToList();
            Bytes(unaligned.Run([], pass.Length, moved)).ShouldBe(Bytes(aligned.Run([], pass.Length, sent)));
        }
    }

    [Fact]
    public async Task A_shard_that_does_not_fit_its_manifest_is_refused()
    {
        await using var sharded = await Sharded.Create(llama, AttentionStyle.Standard);
        var loader = new OnnxStageLoader(new(ProviderPreference.Cpu));
        string path = sharded.Paths[1];
        var stage = sharded.Model.Stages[1];
        ShardManifest[] wrong =
        [
            stage with { Caches = stage.Caches.Skip(1).ToList() },
            stage with { Caches = [.. stage.Caches.Select(cache => cache with { Present = cache.Present + "x" })] },
            stage with { Caches = [.. stage.Caches.Select(cache => cache with { Spec = cache.Spec with { BytesPerToken = 1 } })] },
            stage with { Caches = [.. stage.Caches.Select(cache => cache with { Spec = cache.Spec with { ElementType = ElementType.Float16 } })] },
            stage with { Receives = [] },
            stage with { Sends = [.. stage.Sends, new("nowhere", false, stage.Sends[0].Spec)] },
            stage with { ModelInputs = [] },
        ];
        foreach (var shard in wrong)
        {
            var model = sharded.Model with { Stages = [sharded.Model.Stages[0], shard, sharded.Model.Stages[2]] };
            await Should.ThrowAsync<InvalidDataException>(() => loader.LoadAsync(path, model, 1, TestContext.Current.CancellationToken));
        }

        await Should.ThrowAsync<InvalidDataException>(() => loader.LoadAsync(path, sharded.Model, 3, TestContext.Current.CancellationToken));
        using var folder = new TempFolder();
        string garbage = folder.Write("garbage.onnx", Some.Bytes(4096));
        await Should.ThrowAsync<InvalidDataException>(() => loader.LoadAsync(garbage, sharded.Model, 1, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void The_class_names_what_really_runs()
    {
        var loader = new OnnxStageLoader(new(ProviderPreference.Cuda));
        loader.Class.Runtime.ShouldBe("onnxruntime/1.31.1");
        loader.Class.Optimization.ShouldBe("disabled");
        loader.Class.Instructions.ShouldBeOneOf("fma", "none", "arm64");
        if (loader.Class.Provider == "cpu")
            loader.Provider.Warning.ShouldNotBeNull().ShouldContain("cuda");
        new OnnxStageLoader(new(ProviderPreference.Cpu)).Provider.ShouldBe(new ProviderSelection("cpu", null));
    }

    private static IEnumerable<(string, IReadOnlyList<Tensor>)> Hostile(IReadOnlyList<Tensor> good)
    {
        yield return ("none", []);
        yield return ("one more", [.. good, good[0]]);
        for (int i = 0; i < good.Count; i++)
        {
            var tensor = good[i];
            IReadOnlyList<Tensor> With(Tensor other) => [.. good.Select((kept, at) => at == i ? other : kept)];
            yield return ("type", With(tensor with { Type = ElementType.Float64 }));
            yield return ("unknown type", With(tensor with { Type = (ElementType)77 }));
            yield return ("no shape", With(tensor with { Shape = null! }));
            yield return ("rank", With(tensor with { Shape = [.. tensor.Shape, 1] }));
            yield return ("short", With(tensor with { Bytes = tensor.Bytes[..^1] }));
            yield return ("long", With(tensor with { Bytes = new byte[tensor.Bytes.Length + 4] }));
            yield return ("empty", With(default));
            for (int axis = 0; axis < tensor.Shape.Length; axis++)
            {
                foreach (long size in (long[])[-1, 0, tensor.Shape[axis] + 1, long.MaxValue, long.MinValue, 1L << 62])
                {
                    long[] shape = [.. tensor.Shape];
                    shape[axis] = size;
                    yield return ($"axis {axis} = {size}", With(tensor with { Shape = shape }));
                }
            }
        }
    }

    private static List<string> Describe(IEnumerable<TokenDraw> draws) =>
        [.. draws.Select(draw => $"{draw.Token} {draw.LogProb:R} {string.Join(',', draw.Top)}")];

    private static List<Tensor> Copy(IReadOnlyList<Tensor> tensors) => [.. tensors.Select(tensor => tensor with { Bytes = tensor.Bytes.ToArray() })];

    private static byte[] Bytes(IReadOnlyList<Tensor> tensors) => [.. tensors.SelectMany(tensor => tensor.Bytes.ToArray())];

    /// <summary>The fixture's model in three stages on disk.</summary>
    private sealed class Sharded : IAsyncDisposable
    {
        private readonly TempFolder folder = new();
        private readonly string original;

        private Sharded(string original) => this.original = original;

        internal ModelManifest Model { get; private set; } = null!;

        internal IReadOnlyList<string> Paths { get; private set; } = [];

        internal List<IStageEngine> Stages { get; } = [];

        internal static async Task<Sharded> Create(LlamaFixture llama, AttentionStyle style)
        {
            var cancel = TestContext.Current.CancellationToken;
            var sharded = new Sharded(llama.Path(style));
            var result = await new ModelSharder(new OnnxModelRuntime()).ShardAsync(
                sharded.original, new() { Name = "tiny", Stages = 3, OutputFolder = sharded.folder.Path, Verify = false }, cancel);
            sharded.Model = result.Manifest;
            sharded.Paths = result.ShardPaths;
            var loader = new OnnxStageLoader(new(ProviderPreference.Cpu));
            for (int stage = 0; stage < 3; stage++)
                sharded.Stages.Add(await loader.LoadAsync(result.ShardPaths[stage], result.Manifest, stage, cancel));
            return sharded;
        }

        internal Task<IStageEngine> Whole() =>
            new OnnxStageLoader(new(ProviderPreference.Cpu, Optimization: OnlineOptimization.Extended))
                .LoadAsync(original, Model.Unsharded(), 0, TestContext.Current.CancellationToken);

        public ValueTask DisposeAsync()
        {
            Stages.ForEach(stage => stage.Dispose());
            folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
