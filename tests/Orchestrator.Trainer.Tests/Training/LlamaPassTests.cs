using Orchestrator.Trainer.Export;
using Orchestrator.Trainer.Llama;
using Orchestrator.Trainer.Training;

namespace Orchestrator.Trainer.Tests.Training;

public sealed class LlamaPassTests
{
    private static readonly LlamaConfig Small = new(Layers: 2, DModel: 64, Heads: 4, KvHeads: 2, HeadDim: 32, Ffn: 80);

    [Fact]
    public void Gradients_agree_with_finite_differences_in_every_tensor()
    {
        var weights = Weights.Sharp(Small, seed: 5);
        using var packed = new PackedWeights(weights);
        using var pass = new LlamaPass(packed, 128);
        var batch = Examples(seed: 1, lengths: [40, 9, 33]);
        double Loss()
        {
            packed.Refresh(1);
            pass.Forward(batch);
            return pass.Backward(1f);
        }
        Loss();
        var gradient = pass.Gradients.Span.ToArray();

        // A step along the gradient of one tensor at a time: a derivative large enough to stand out of float rounding.
        foreach (var slot in weights.Slots)
        {
            var slope = gradient.AsSpan(slot.Offset, slot.Length).ToArray();
            var norm = Math.Sqrt(slope.Sum(g => (double)g * g));
            norm.ShouldBeGreaterThan(0.01, slot.Name);
            var step = 3e-3 * Math.Sqrt(slot.Length) / 64;
            double At(double signed)
            {
                var kept = weights.Of(slot.Name).ToArray();
                for (var i = 0; i < slot.Length; i++)
                    weights.Of(slot.Name)[i] = (float)(kept[i] + signed * slope[i] / norm);
                var loss = Loss();
                kept.CopyTo(weights.Of(slot.Name));
                return loss;
            }
            var numeric = (At(step) - At(-step)) / (2 * step);
            (Math.Abs(numeric - norm) / norm).ShouldBeLessThan(0.01, $"{slot.Name}: numeric {numeric}, analytic {norm}");
        }
    }

    [Fact]
    public void Forward_agrees_with_onnx_runtime_on_the_exported_graph()
    {
        var weights = Weights.Sharp(Small, seed: 9);
        using var packed = new PackedWeights(weights);
        packed.Refresh(1);
        using var pass = new LlamaPass(packed, 128);
        var batch = Examples(seed: 2, lengths: [17, 64, 5]);
        pass.Forward(batch);
        using var runtime = new OrtModel(weights, AttentionStyle.Standard);

        foreach (var (start, length) in batch.Examples)
        {
            runtime.Reset();
            var expected = runtime.Run(batch.Tokens[start..(start + length)]);
            var actual = pass.Logits.Slice(start * Small.Vocab, length * Small.Vocab).ToArray();
            expected.Zip(actual, (a, b) => MathF.Abs(a - b)).Max().ShouldBeLessThan(1e-4f);
        }
    }

    [Fact]
    public void An_example_does_not_see_its_neighbours_in_the_batch()
    {
        using var packed = new PackedWeights(Weights.Sharp(Small, seed: 9));
        packed.Refresh(1);
        using var pass = new LlamaPass(packed, 128);
        var alone = Examples(seed: 3, lengths: [20]);
        pass.Forward(alone);
        var expected = pass.Logits.ToArray();
        var crowd = Examples(seed: 3, lengths: [20, 31, 44]);
        crowd.Tokens[..20].ShouldBe(alone.Tokens[..20]);
        pass.Forward(crowd);

        pass.Logits[..expected.Length].ToArray().ShouldBe(expected);
    }

    private static Batch Examples(ulong seed, int[] lengths)
    {
        var random = new SplitMix(seed);
        var batch = new Batch(128);
        foreach (var length in lengths)
        {
            var tokens = Enumerable.Range(0, length + 1).Select(_ => random.Next(Small.Vocab)).ToArray();
            var counts = tokens.Select((_, i) => i > length / 2).ToArray();
            batch.TryAdd(tokens, counts).ShouldBeTrue();
        }
        return batch;
    }
}
