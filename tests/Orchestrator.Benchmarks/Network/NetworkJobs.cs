using System.Diagnostics;
using System.Text.Json.Nodes;
using Orchestrator.Benchmarks.Chains;
using Orchestrator.Benchmarks.Statistics;
using Orchestrator.Cli;

namespace Orchestrator.Benchmarks.Network;

/// <summary>Short streamed chat completions, checked by the network's standard assurance.</summary>
internal sealed class NetworkJobs(ModelNetwork network, string question)
{
    private const int MaxTokens = 48;

    /// <summary>Runs one job.</summary>
    internal async Task<ChatStream> AskAsync(CancellationToken cancel)
    {
        var request = RunCommand.Request(network.Model, null, question);
        request["temperature"] = 0;
        request["max_completion_tokens"] = MaxTokens;
        return await ChatStream.RunAsync(network.Client, request, _ => { }, cancel);
    }

    /// <summary>Runs jobs one after the other.</summary>
    internal async Task<LatencyReport> AloneAsync(int jobs, CancellationToken cancel)
    {
        List<ChatStream> answers = [];
        for (int i = 0; i < jobs; i++)
            answers.Add(await AskAsync(cancel));
        return new LatencyReport(jobs, Milliseconds(answers, Dispatch), Milliseconds(answers, a => a.FirstToken), Milliseconds(answers, a => a.LastToken), Milliseconds(answers, a => a.Total));
    }

    /// <summary>Keeps so many jobs running until all have run.</summary>
    internal async Task<LoadReport> SideBySideAsync(int concurrency, int jobs, CancellationToken cancel)
    {
        int started = 0;
        long start = Stopwatch.GetTimestamp();
        var answers = await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => ClientAsync()));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        ChatStream[] all = [.. answers.SelectMany(a => a)];
        return new LoadReport(concurrency, jobs, jobs / seconds, Milliseconds(all, a => a.FirstToken), Milliseconds(all, a => a.Total));

        async Task<List<ChatStream>> ClientAsync()
        {
            List<ChatStream> mine = [];
            while (Interlocked.Increment(ref started) <= jobs)
                mine.Add(await AskAsync(cancel));
            return mine;
        }
    }

    private static TimeSpan Dispatch(ChatStream answer)
    {
        // Chain 0 is the one that was streamed, unless it was lost on the way.
        var streamed = answer.Details!["chains"]!.AsArray().First(chain => chain!["chain"]!.GetValue<int>() == 0)!;
        return answer.LastToken - TimeSpan.FromMicroseconds(Total(streamed));
    }

    private static long Total(JsonNode chain) => chain["total_us"]!.GetValue<long>();

    private static Spread Milliseconds(IEnumerable<ChatStream> answers, Func<ChatStream, TimeSpan> time) => Spread.Of(answers.Select(a => time(a).TotalMilliseconds));
}
