using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orchestrator.Trainer.Numerics;

namespace Orchestrator.Trainer.Training;

/// <summary>Softmax and cross-entropy over the tokens that have a target.</summary>
internal static unsafe class CrossEntropy
{
    /// <summary>Replaces logits by the gradient of their loss times <paramref name="scale"/>; returns the summed loss in nats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Replace(float* logits, Batch batch, int vocab, float scale)
    {
        var loss = 0.0;
        for (var token = 0; token < batch.Length; token++, logits += vocab)
        {
            var row = new Span<float>(logits, vocab);
            var target = batch.Targets[token];
            if (target < 0)
            {
                row.Clear();
                continue;
            }
            var max = float.NegativeInfinity;
            foreach (var logit in row)
                max = MathF.Max(max, logit);
            var aim = row[target];
            var sum = 0f;
            var i = 0;
            for (; i + Simd.Lanes <= vocab; i += Simd.Lanes)
            {
                var e = Simd.Exp(Vector512.Load(logits + i) - Vector512.Create(max));
                e.Store(logits + i);
                sum += Simd.Sum(e);
            }
            for (; i < vocab; i++)
            {
                row[i] = Simd.Exp(Vector512.Create(row[i] - max))[0];
                sum += row[i];
            }
            loss += Math.Log(sum) + max - aim;
            var share = scale / sum;
            foreach (ref var value in row)
                value *= share;
            row[target] -= scale;
        }
        return loss;
    }
}
