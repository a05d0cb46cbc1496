using System.Runtime.InteropServices;
using Orchestrator.Contracts;

namespace Orchestrator.Onnx.Sampling;

/// <summary>
/// Repeats the draws of one choice from logits computed again, and says how clear every difference is. With the very same logits every
/// honest draw comes out the same; with logits that differ in the last bits, honest draws differ in near-ties only, whose gap is small.
/// Not thread-safe.
/// </summary>
/// <param name="parameters">How the tokens had to be drawn.</param>
/// <param name="vocabulary">Logits per position.</param>
/// <param name="choice">0-based number of the completion.</param>
/// <exception cref="ArgumentException">A parameter is out of its documented range.</exception>
public sealed class DrawVerifier(SamplingParameters parameters, int vocabulary, int choice)
{
    private readonly TokenSampler sampler = new(parameters, vocabulary, choice);

    /// <summary>Repeats a draw, then counts the token that was drawn for the penalties of later draws.</summary>
    /// <param name="row">Logits the token was drawn from, little-endian float32.</param>
    /// <param name="position">0-based place of the token in prompt and completion.</param>
    /// <param name="drawn">The token that was drawn.</param>
    /// <returns>The difference; null when the same token is drawn.</returns>
    /// <exception cref="InvalidDataException">The row has another length, a logit is not finite, or there is no such token.</exception>
    public DrawGap? Check(ReadOnlySpan<byte> row, int position, int drawn)
    {
        if ((uint)drawn >= (uint)vocabulary)
            throw new InvalidDataException($"Token {drawn} is outside the vocabulary of {vocabulary}.");
        if (row.Length != vocabulary * sizeof(float))
            throw new InvalidDataException($"A row of logits must have {vocabulary * sizeof(float)} bytes, not {row.Length}.");
        sampler.Prepare(MemoryMarshal.Cast<byte, float>(row), position);
        DrawGap? gap = null;
        if (parameters.Temperature == 0 || !DrawContest.Wins(sampler.Scores, parameters.TopP, new GumbelNoise(parameters.Seed, choice, position), drawn))
        {
            int best = sampler.DrawPrepared(position);
            gap = best == drawn ? null : new DrawGap(position, drawn, best, GapOf(position, drawn, best));
        }

        sampler.Accept(drawn);
        return gap;
    }

    /// <summary>Counts a token that was drawn and is not checked.</summary>
    public void Skip(int drawn) => sampler.Accept(drawn);

    // A tie that went to the lower id has no gap at all, yet the draw was another.
    private double GapOf(int position, int drawn, int best) => Math.Max(double.Epsilon, parameters.Temperature == 0
        ? sampler.Scores[best] - sampler.Scores[drawn]
        : DrawContest.Gap(sampler.Scores, parameters.TopP, new GumbelNoise(parameters.Seed, choice, position), drawn));
}
