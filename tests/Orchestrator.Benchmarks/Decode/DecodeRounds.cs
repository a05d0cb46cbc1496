namespace Orchestrator.Benchmarks.Decode;

/// <summary>
/// Runs all paths once per round, in turning order, so that a machine that slows down slows all of them and ratios stay fair.
/// </summary>
internal static class DecodeRounds
{
    /// <summary>Runs indexed by path and round, after one unmeasured round.</summary>
    internal static async Task<IReadOnlyList<IReadOnlyList<DecodeRun>>> RunAsync(
        IReadOnlyList<IDecodePath> paths, DecodeWork work, int rounds, Action<int> finished, CancellationToken cancel)
    {
        List<DecodeRun>[] runs = [.. paths.Select(_ => new List<DecodeRun>())];
        foreach (var path in paths)
            await path.RunAsync(work, cancel);
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < paths.Count; i++)
            {
                int at = (round + i) % paths.Count;
                runs[at].Add(await paths[at].RunAsync(work, cancel));
            }

            finished(round + 1);
        }

        return runs;
    }

    /// <summary>Whether every run drew the tokens of the first.</summary>
    internal static bool SameTokens(IReadOnlyList<IReadOnlyList<DecodeRun>> runs) =>
        runs.All(path => path.All(run => run.Tokens.SequenceEqual(runs[0][0].Tokens)));
}
