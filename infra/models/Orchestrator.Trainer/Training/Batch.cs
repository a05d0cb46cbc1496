namespace Orchestrator.Trainer.Training;

/// <summary>
/// Examples laid end to end. Attention stays inside each; only tokens with a target count in the loss.
/// </summary>
/// <param name="capacity">Most tokens it can hold.</param>
public sealed class Batch(int capacity)
{
    /// <summary>Longest example accepted, in tokens.</summary>
    public const int LongestExample = 192;

    /// <summary>Shortest example accepted: begin, user, assistant and one token between or behind.</summary>
    public const int ShortestExample = 4;

    private readonly List<(int Start, int Length)> examples = [];

    public int[] Tokens { get; } = new int[capacity];

    /// <summary>The token that should follow each token, or -1 where that does not matter.</summary>
    public int[] Targets { get; } = new int[capacity];

    public int Length { get; private set; }

    /// <summary>Number of tokens with a target.</summary>
    public int TargetCount { get; private set; }

    public IReadOnlyList<(int Start, int Length)> Examples => examples;

    public void Clear()
    {
        examples.Clear();
        Length = TargetCount = 0;
    }

    /// <summary>
    /// Appends one example if it fits. <paramref name="counts"/> marks the tokens to be learned; the last token is never an input.
    /// </summary>
    public bool TryAdd(ReadOnlySpan<int> tokens, ReadOnlySpan<bool> counts)
    {
        var length = tokens.Length - 1;
        if (length is < ShortestExample or > LongestExample)
            throw new ArgumentException($"An example has {ShortestExample + 1}..{LongestExample + 1} tokens, not {tokens.Length}.", nameof(tokens));
        if (Length + length > capacity)
            return false;
        for (var i = 0; i < length; i++)
        {
            Tokens[Length + i] = tokens[i];
            Targets[Length + i] = counts[i + 1] ? tokens[i + 1] : -1;
            TargetCount += counts[i + 1] ? 1 : 0;
        }
        examples.Add((Length, length));
        Length += length;
        return true;
    }
}
