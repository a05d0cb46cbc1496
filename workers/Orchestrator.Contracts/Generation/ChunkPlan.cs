namespace Orchestrator.Contracts;

/// <summary>One forward call of a choice, the least that replays bit for bit.</summary>
/// <param name="Position">Absolute position of its first token.</param>
/// <param name="Tokens">Tokens in it.</param>
/// <param name="DrawFrom">First index the last stage draws after; <paramref name="Tokens"/> draws none.</param>
public readonly record struct ChunkPass(int Position, int Tokens, int DrawFrom);

/// <summary>What one leaf of a commitment covers: one prefill pass, or up to <see cref="ChunkPlan.DecodePasses"/> decode passes.</summary>
/// <param name="Index">0-based.</param>
/// <param name="Start">Absolute position of its first token.</param>
/// <param name="Tokens">Tokens in it.</param>
/// <param name="Prefill">Whether it is a prefill pass.</param>
public readonly record struct Chunk(int Index, int Start, int Tokens, bool Prefill)
{
    /// <summary>Passes in it: one of all tokens in prefill, one per token in decode.</summary>
    public int Passes => Prefill ? 1 : Tokens;
}

/// <summary>
/// Which passes make which chunk, from the two lengths alone, so that stages, auditors and the platform cut alike.
/// A choice that drew <c>n</c> tokens after a prompt of <c>p</c> has run <c>p + n - 1</c>: the last drawn token is fed to nobody.
/// </summary>
public static class ChunkPlan
{
    /// <summary>Most decode passes of a chunk.</summary>
    public const int DecodePasses = 32;

    /// <summary>Tokens that every stage runs for a choice.</summary>
    public static long Ran(int promptTokens, int drawnTokens) => (long)promptTokens + Math.Max(drawnTokens - 1, 0);

    /// <summary>Number of chunks.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 1 &lt;= <paramref name="promptTokens"/> &lt;= <paramref name="tokens"/>.</exception>
    public static int Count(int promptTokens, int tokens)
    {
        Check(promptTokens, tokens);
        return Chunks(promptTokens, PrefillPlan.ChunkTokens) + Chunks(tokens - promptTokens, DecodePasses);
    }

    /// <summary>The chunk with a given index.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such chunk.</exception>
    public static Chunk At(int promptTokens, int tokens, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count(promptTokens, tokens));
        int prefill = Chunks(promptTokens, PrefillPlan.ChunkTokens);
        if (index < prefill)
        {
            int at = index * PrefillPlan.ChunkTokens;
            return new Chunk(index, at, Math.Min(PrefillPlan.ChunkTokens, promptTokens - at), true);
        }

        int start = promptTokens + (index - prefill) * DecodePasses;
        return new Chunk(index, start, Math.Min(DecodePasses, tokens - start), false);
    }

    /// <summary>Index of the chunk with the pass over a position, however many tokens were run in all.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="promptTokens"/> is below 1 or <paramref name="position"/> below 0.</exception>
    public static int Holding(int promptTokens, int position)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(promptTokens, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        return position < promptTokens
            ? position / PrefillPlan.ChunkTokens
            : Chunks(promptTokens, PrefillPlan.ChunkTokens) + (position - promptTokens) / DecodePasses;
    }

    /// <summary>All chunks in order.</summary>
    /// <param name="promptTokens">Tokens of the prompt, 1 or more.</param>
    /// <param name="tokens">Tokens run: prompt and fed completion.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not 1 &lt;= <paramref name="promptTokens"/> &lt;= <paramref name="tokens"/>.</exception>
    public static IEnumerable<Chunk> All(int promptTokens, int tokens)
    {
        int count = Count(promptTokens, tokens);
        return Enumerable.Range(0, count).Select(i => At(promptTokens, tokens, i));
    }

    /// <summary>The passes of a chunk, in order. The prompt's last pass and every decode pass draw one token.</summary>
    public static IEnumerable<ChunkPass> Passes(Chunk chunk, int promptTokens)
    {
        if (!chunk.Prefill)
            return Enumerable.Range(chunk.Start, chunk.Tokens).Select(position => new ChunkPass(position, 1, 0));
        bool ends = chunk.Start + chunk.Tokens == promptTokens;
        return [new ChunkPass(chunk.Start, chunk.Tokens, ends ? chunk.Tokens - 1 : chunk.Tokens)];
    }

    private static int Chunks(int tokens, int each) => tokens / each + (tokens % each == 0 ? 0 : 1);

    private static void Check(int promptTokens, int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(promptTokens, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens, promptTokens);
    }
}
