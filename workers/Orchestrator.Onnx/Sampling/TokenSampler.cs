using System.Runtime.InteropServices;
using Orchestrator.Contracts;

namespace Orchestrator.Onnx.Sampling;

/// <summary>
/// Draws the tokens of one choice. A draw is a function of the parameters, the choice, the tokens accepted before, the
/// logits and the position, and of nothing else, on every machine: whoever knows them can replay a draw.
/// <para>
/// Order: logit bias, frequency and presence penalties, temperature, nucleus, then Gumbel-max (Gumbel 1954): the token with the
/// largest score plus noise has exactly the softmax distribution. Temperature 0 takes the largest score. Ties go to the lowest id.
/// </para>
/// Not thread-safe.
/// </summary>
public sealed class TokenSampler
{
    private const int MaxBias = 300;

    private static readonly Dictionary<int, double> NoBias = [];

    private readonly SamplingParameters parameters;
    private readonly int choice;
    private readonly double[] scores;
    private readonly Dictionary<int, int> accepted = [];

    /// <summary>Makes a sampler without accepted tokens.</summary>
    /// <param name="parameters">How to draw.</param>
    /// <param name="vocabulary">Logits per position.</param>
    /// <param name="choice">0-based number of the completion.</param>
    /// <exception cref="ArgumentException">A parameter is out of its documented range.</exception>
    public TokenSampler(SamplingParameters parameters, int vocabulary, int choice)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabulary, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(choice);
        if (Problem(parameters, vocabulary) is { } problem)
            throw new ArgumentException(problem, nameof(parameters));
        (this.parameters, this.choice) = (parameters, choice);
        scores = new double[vocabulary];
    }

    /// <summary>Draws the token that takes place <paramref name="position"/>; changes nothing.</summary>
    /// <param name="logits">One row, <c>[vocabulary]</c>.</param>
    /// <param name="position">0-based place of the drawn token in prompt and completion: the number of tokens before it.</param>
    /// <exception cref="InvalidDataException">The row has another length, or a logit is not finite.</exception>
    public TokenDraw Draw(ReadOnlySpan<float> logits, int position)
    {
        Prepare(logits, position);
        int token = DrawPrepared(position);
        if (parameters.TopLogProbs < 0)
            return new TokenDraw(token, 0, []);
        double normalizer = LogProbabilities.Normalizer(logits);
        return new TokenDraw(token, (float)(logits[token] - normalizer), LogProbabilities.Top(logits, normalizer, parameters.TopLogProbs));
    }

    /// <summary><see cref="Draw(ReadOnlySpan{float}, int)"/> from the little-endian float32 bytes of a row, as tensors carry it.</summary>
    /// <exception cref="InvalidDataException">The row has another length, or a logit is not finite.</exception>
    public TokenDraw Draw(ReadOnlySpan<byte> row, int position) => row.Length == scores.Length * sizeof(float)
        ? Draw(MemoryMarshal.Cast<byte, float>(row), position)
        : throw new InvalidDataException($"A row of logits must have {scores.Length * sizeof(float)} bytes, not {row.Length}.");

    /// <summary>Counts a drawn token for the penalties of later draws.</summary>
    public void Accept(int token) => CollectionsMarshal.GetValueRefOrAddDefault(accepted, token, out _)++;

    /// <summary>The scores of the latest draw, without noise.</summary>
    internal ReadOnlySpan<double> Scores => scores;

    /// <summary>Makes the scores of a draw.</summary>
    internal void Prepare(ReadOnlySpan<float> logits, int position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        if (logits.Length != scores.Length)
            throw new InvalidDataException($"A row of logits must have {scores.Length} values, not {logits.Length}.");
        Score(logits);
    }

    /// <summary>Draws from the scores just made.</summary>
    internal int DrawPrepared(int position) =>
        parameters.Temperature == 0 ? VectorScores.IndexOfMax(scores) : DrawTempered(new GumbelNoise(parameters.Seed, choice, position));

    private static string? Problem(SamplingParameters p, int vocabulary)
    {
        if (p.Temperature is not (>= 0 and <= 2))
            return $"The temperature must lie in 0..2, not {p.Temperature}.";
        if (p.TopP is not (> 0 and <= 1))
            return $"The nucleus mass (top_p) must lie in (0, 1], not {p.TopP}.";
        if (p.FrequencyPenalty is not (>= -2 and <= 2) || p.PresencePenalty is not (>= -2 and <= 2))
            return "The penalties must lie in -2..2.";
        if (p.TopLogProbs is < -1 or > 20)
            return $"The number of alternatives must lie in -1..20, not {p.TopLogProbs}.";
        if (p.LogitBias is { Count: > MaxBias })
            return $"At most {MaxBias} tokens may have a bias.";
        foreach (var (token, bias) in p.LogitBias ?? NoBias)
        {
            if ((uint)token >= (uint)vocabulary || bias is not (>= -100 and <= 100))
                return $"The bias of token {token} must lie in -100..100 and the token in 0..{vocabulary - 1}.";
        }

        return null;
    }

    private void Score(ReadOnlySpan<float> logits)
    {
        if (!VectorScores.TryWiden(logits, scores))
        {
            int token = 0;
            while (float.IsFinite(logits[token]))
                token++;
            throw new InvalidDataException($"The logit of token {token} is {logits[token]}.");
        }

        foreach (var (token, bias) in parameters.LogitBias ?? NoBias)
            scores[token] += bias;
        foreach (var (token, count) in accepted)
            scores[token] -= count * parameters.FrequencyPenalty + parameters.PresencePenalty;
        if (parameters.Temperature is not (0 or 1))
            VectorScores.Divide(scores, parameters.Temperature);
    }

    private int DrawTempered(GumbelNoise noise)
    {
        int best = VectorScores.IndexOfMax(scores);
        double bestScore = scores[best] + GumbelNoise.Of(noise.Uniform(best));
        if (parameters.TopP < 1)
        {
            foreach (int token in Nucleus.Select(scores, parameters.TopP))
                Challenge(noise, token, ref best, ref bestScore);
        }
        else
        {
            for (int token = 0; token < scores.Length; token++)
                Challenge(noise, token, ref best, ref bestScore);
        }

        return best;
    }

    /// <summary>Most tokens lose by the bound already, which spares them two logarithms.</summary>
    private void Challenge(GumbelNoise noise, int token, ref int best, ref double bestScore)
    {
        double uniform = noise.Uniform(token);
        if (scores[token] + GumbelNoise.Bound(uniform) < bestScore)
            return;
        double score = scores[token] + GumbelNoise.Of(uniform);
        if (score > bestScore || (score == bestScore && token < best))
            (best, bestScore) = (token, score);
    }
}
