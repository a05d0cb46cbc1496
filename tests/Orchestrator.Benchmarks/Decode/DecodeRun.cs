namespace Orchestrator.Benchmarks.Decode;

/// <summary>One generation.</summary>
/// <param name="Tokens">The tokens drawn.</param>
/// <param name="At">When each was there, since the request.</param>
internal sealed record DecodeRun(IReadOnlyList<int> Tokens, IReadOnlyList<TimeSpan> At)
{
    /// <summary>From the request to the first token: dispatch where there is one, the prefill and one draw.</summary>
    internal TimeSpan FirstToken => At[0];

    /// <summary>
    /// Time per token over the last three quarters. A stream's reader may come after the first tokens and gets those at once; by then it
    /// has caught up.
    /// </summary>
    internal TimeSpan PerToken => (At[^1] - At[At.Count / 4]) / (At.Count - 1 - At.Count / 4);

    internal double TokensPerSecond => 1 / PerToken.TotalSeconds;
}
