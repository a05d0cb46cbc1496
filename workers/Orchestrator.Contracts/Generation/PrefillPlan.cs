namespace Orchestrator.Contracts;

/// <summary>
/// How a prompt enters a chain. Results are bit-identical only for equal token counts per pass, so everything that must agree
/// (workers, the reference generator, verifiers) cuts prompts here.
/// </summary>
public static class PrefillPlan
{
    /// <summary>Tokens of a full pass: the fastest size measured on CPU.</summary>
    public const int ChunkTokens = 128;

    /// <summary>The passes of a prompt, in order: full chunks, then the rest.</summary>
    /// <param name="promptTokens">Tokens of the prompt, 1 or more.</param>
    public static IEnumerable<(int Start, int Count)> Passes(int promptTokens)
    {
        for (int start = 0; start < promptTokens; start += ChunkTokens)
            yield return (start, Math.Min(ChunkTokens, promptTokens - start));
    }
}
