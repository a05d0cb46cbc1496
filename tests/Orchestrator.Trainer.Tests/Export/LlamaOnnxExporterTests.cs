using Google.Protobuf;
using Orchestrator.Trainer.Export;
using Orchestrator.Trainer.Llama;

namespace Orchestrator.Trainer.Tests.Export;

public sealed class LlamaOnnxExporterTests
{
    private const float Tolerance = 2e-4f;
    private static readonly LlamaConfig Small = new(Layers: 3, DModel: 64, Heads: 4, KvHeads: 2, HeadDim: 16, Ffn: 96, Context: 64);
    private static readonly int[] Prompt = [256, 257, 72, 101, 108, 108, 111, 258];

    [Fact]
    public void Both_attention_styles_compute_the_same_logits_in_prefill_and_decode()
    {
        var weights = Weights.Sharp(Small, seed: 7);
        using var standard = new OrtModel(weights, AttentionStyle.Standard);
        using var grouped = new OrtModel(weights, AttentionStyle.GroupQuery);

        Difference(standard.Run(Prompt), grouped.Run(Prompt)).ShouldBeLessThan(Tolerance);
        Difference(standard.Run(65), grouped.Run(65)).ShouldBeLessThan(Tolerance);
        Difference(standard.Run(66, 67, 68), grouped.Run(66, 67, 68)).ShouldBeLessThan(Tolerance);
    }

    [Theory]
    [InlineData(AttentionStyle.Standard)]
    [InlineData(AttentionStyle.GroupQuery)]
    public void Decoding_token_by_token_with_the_cache_equals_one_prefill(AttentionStyle style)
    {
        using var model = new OrtModel(Weights.Sharp(Small, seed: 3), style);
        var whole = model.Run(Prompt);
        model.Reset();
        var steps = Prompt.SelectMany(token => model.Run(token)).ToArray();

        Difference(whole, steps).ShouldBeLessThan(Tolerance);
        whole.Max(Math.Abs).ShouldBeGreaterThan(0.1f, "logits near zero would agree whatever the graph computes");
    }

    [Theory]
    [InlineData(AttentionStyle.Standard)]
    [InlineData(AttentionStyle.GroupQuery)]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_gives_others(AttentionStyle style)
    {
        byte[] Bytes(ulong seed) => LlamaOnnxExporter.Export(LlamaWeights.Random(Small, seed), style).ToByteArray();

        Bytes(1).ShouldBe(Bytes(1));
        Bytes(1).ShouldNotBe(Bytes(2));
    }

    [Fact]
    public void The_file_says_which_tokenizer_and_context_it_was_made_for()
    {
        using var model = new OrtModel(LlamaWeights.Random(Small, 1), AttentionStyle.Standard);

        model.Metadata["orchestrator.tokenizer"].ShouldBe("byte");
        model.Metadata["orchestrator.context_length"].ShouldBe("64");
        model.Metadata["orchestrator.stop_tokens"].ShouldBe("[259]");
        model.Metadata["orchestrator.special_tokens"]
            .ShouldBe("""{"<|assistant|>":258,"<|begin|>":256,"<|end|>":259,"<|system|>":260,"<|user|>":257}""");
    }

    [Theory]
    [InlineData(3, 2, 16)]
    [InlineData(4, 2, 15)]
    [InlineData(0, 1, 16)]
    public void Dimensions_that_cannot_work_are_named(int heads, int kvHeads, int headDim) =>
        Should.Throw<ArgumentException>(() => LlamaWeights.Random(Small with { Heads = heads, KvHeads = kvHeads, HeadDim = headDim }, 1));

    private static float Difference(float[] left, float[] right)
    {
        left.Length.ShouldBe(right.Length);
        return left.Zip(right, (a, b) => MathF.Abs(a - b)).Max();
    }
}
