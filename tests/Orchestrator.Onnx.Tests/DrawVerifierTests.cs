using System.Runtime.InteropServices;
using CsCheck;
using Orchestrator.Contracts;
using Orchestrator.Onnx.Sampling;

namespace Orchestrator.Onnx.Tests;

public sealed class DrawVerifierTests
{
    private const int Vocabulary = 200;

    private static readonly double[] Temperatures = [0, 0.5, 1, 1.7];
    private static readonly double[] Masses = [0.3, 0.9, 1];

    private static readonly Gen<SamplingParameters> Parameters = Gen.Select(
        Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 1], Gen.ULong)
        .Select((t, p, penalty, seed) => new SamplingParameters(Temperatures[t], Masses[p], penalty, penalty, seed, -1, new Dictionary<int, double> { [3] = 2 }));

    /// <summary>What the sampler draws, the verifier draws: no honest draw has a gap.</summary>
    [Fact]
    public void Honest_draws_come_out_the_same() => Gen.Select(Parameters, Gen.Int[0, 1_000]).Sample((parameters, seed) =>
    {
        var (sampler, verifier) = (new TokenSampler(parameters, Vocabulary, 1), new DrawVerifier(parameters, Vocabulary, 1));
        for (int position = 5; position < 25; position++)
        {
            float[] logits = Logits(seed + position);
            int token = sampler.Draw(logits, position).Token;
            sampler.Accept(token);
            verifier.Check(MemoryMarshal.AsBytes<float>(logits), position, token).ShouldBeNull();
        }
    }, iter: 200);

    /// <summary>Logits that moved by at most e make no gap of more than the few e that two scores and their temperature make of it.</summary>
    [Fact]
    public void Draws_from_slightly_other_logits_have_small_gaps()
    {
        int differ = 0;
        for (int seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            var parameters = new SamplingParameters(
                Temperatures[random.Next(Temperatures.Length)], Masses[random.Next(Masses.Length)], random.Next(2), random.Next(2), (ulong)random.NextInt64(), -1);
            float[] logits = Logits(seed);
            float[] moved = [.. logits.Select(l => l + (float)(random.NextDouble() - 0.5) * 2e-2f)];
            int token = new TokenSampler(parameters, Vocabulary, 0).Draw(moved, 9).Token;
            if (new DrawVerifier(parameters, Vocabulary, 0).Check(MemoryMarshal.AsBytes<float>(logits), 9, token) is not { } gap)
                continue;
            differ++;
            gap.Gap.ShouldBeInRange(double.Epsilon, 4 * 1e-2 / (parameters.Temperature == 0 ? 1 : parameters.Temperature) + 1e-9);
        }

        differ.ShouldBeGreaterThan(20);
    }

    /// <summary>A token picked without the seed is far off nearly always.</summary>
    [Fact]
    public void Tokens_drawn_with_another_seed_have_large_gaps()
    {
        var parameters = new SamplingParameters(1, 0.95, Seed: 1);
        int small = 0;
        for (int i = 0; i < 500; i++)
        {
            float[] logits = Logits(i);
            int token = new TokenSampler(parameters with { Seed = 2 }, Vocabulary, 0).Draw(logits, i).Token;
            if (new DrawVerifier(parameters, Vocabulary, 0).Check(MemoryMarshal.AsBytes<float>(logits), i, token) is not { Gap: > 0.05 })
                small++;
        }

        small.ShouldBeLessThan(50);
    }

    [Fact]
    public void A_token_outside_the_nucleus_has_the_gap_to_its_edge()
    {
        var parameters = new SamplingParameters(1, 0.5, Seed: 4);
        float[] logits = [10, 0, -5, -5];
        var gap = new DrawVerifier(parameters, 4, 0).Check(MemoryMarshal.AsBytes<float>(logits), 0, 2);
        gap.ShouldNotBeNull().Best.ShouldBe(0);
        gap.Gap.ShouldBeGreaterThan(0.4);
    }

    [Fact]
    public void What_cannot_be_a_draw_is_refused()
    {
        var verifier = new DrawVerifier(new SamplingParameters(), 4, 0);
        Should.Throw<InvalidDataException>(() => verifier.Check(new byte[16], 0, 4));
        Should.Throw<InvalidDataException>(() => verifier.Check(new byte[16], 0, -1));
        Should.Throw<InvalidDataException>(() => verifier.Check(new byte[15], 0, 1));
        Should.Throw<InvalidDataException>(() => verifier.Check(MemoryMarshal.AsBytes<float>([1, float.NaN, 1, 1]), 0, 1));
    }

    private static float[] Logits(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Vocabulary).Select(_ => (float)(random.NextDouble() * 8 - 4))];
    }
}
