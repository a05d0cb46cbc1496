using System.Globalization;
using Orchestrator.Benchmarks.Breakdown;
using Orchestrator.Benchmarks.Commitment;
using Orchestrator.Benchmarks.Statistics;
using Orchestrator.Worker.Sessions;

namespace Orchestrator.Benchmarks.Tests;

/// <summary>How long tokens waited behind commitments, from pass logs written by hand.</summary>
public sealed class SharedExecutorsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestrator-pass-tests-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_pass_that_comes_after_the_commitment_waits_for_nothing()
    {
        // Per pass: the first stage runs from 0 to 10 and commits until 14, the second from 20 to 30 and commits until 40; the next token comes after 100.
        Write("a", 0, at => [at, at, at + 10, at + 11, at + 14]);
        Write("a", 1, at => [at + 20, at + 20, at + 30, at + 31, at + 40]);

        var run = new SharedExecutors([await ReadAsync("a")], stages: 2);

        run.Token.ShouldBe(100);
        run.Commit.ShouldBe(3 + 9);
        run.Behind.ShouldBe(0);
    }

    [Fact]
    public async Task The_part_of_a_wait_in_which_the_stage_commits_counts_whichever_session_it_commits_to()
    {
        // Passes of b reach the second stage while it commits to those of a, from 31 to 40: each could have been there from 35 on, and starts at 41.
        Write("a", 0, at => [at, at, at + 10, at + 11, at + 11]);
        Write("a", 1, at => [at + 20, at + 20, at + 30, at + 31, at + 40]);
        Write("b", 0, at => [at + 20, at + 20, at + 35, at + 36, at + 36]);
        Write("b", 1, at => [at + 40, at + 41, at + 50, at + 51, at + 60]);

        var run = new SharedExecutors([await ReadAsync("a"), await ReadAsync("b")], stages: 2);

        run.Behind.ShouldBe((40 - 35) / 2.0, "half of the passes are b's");
    }

    [Fact]
    public async Task A_stage_that_commits_until_the_next_token_delays_it()
    {
        // The second stage's pass ends at 30, so that the next could have been at the first from then on, which commits until 50.
        Write("a", 0, at => [at, at, at + 10, at + 11, at + 50]);
        Write("a", 1, at => [at + 20, at + 20, at + 30, at + 31, at + 32]);

        var run = new SharedExecutors([await ReadAsync("a")], stages: 2);

        run.Behind.ShouldBe(50 - 30);
    }

    [Fact]
    public void The_interval_of_a_median_leaves_out_ranks_that_chance_hardly_reaches()
    {
        MedianInterval.Of(Enumerable.Range(1, 5).Select(i => (double)i)).ShouldBe(new MedianInterval(1, 5));
        MedianInterval.Of(Enumerable.Range(1, 100).Reverse().Select(i => (double)i)).ShouldBe(new MedianInterval(40, 61));
    }

    private Task<PassTable> ReadAsync(string session) => PassTable.ReadAsync(folder.FullName, session, stages: 2, Cancel);

    /// <summary>Writes decode passes 100 apart, each as given from its beginning.</summary>
    private void Write(string session, int stage, Func<double, double[]> pass) => File.WriteAllLines(
        Path.Combine(folder.FullName, $"{session}.{stage}.csv"),
        Enumerable.Range(0, 8).Select(i => string.Join(',', pass(i * 100).Prepend(1).Prepend(i).Select(value => value.ToString(CultureInfo.InvariantCulture)))).Prepend(PassLog.Header));
}
