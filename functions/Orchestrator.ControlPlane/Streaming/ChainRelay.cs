using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Diagnostics;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Jobs;

namespace Orchestrator.ControlPlane.Streaming;

/// <summary>
/// Hands on a job's tokens from whichever of its chains can be read.
/// <code>
/// 1. take the first chain that is not given up, read its stream from the start, skip what was handed on
/// 2. stream breaks       -> read on from the same chain; gone again -> give the chain up, go to 1
/// 3. session unknown yet -> try again until the start timeout; then give the chain up, go to 1
/// 4. no chain left       -> ask the workflow for newer ones
/// </code>
/// </summary>
public sealed partial class ChainRelay(EdgeStream edges, JobReader jobs, ControlPlaneOptions options, TimeProvider time, ControlPlaneMetrics metrics, ILogger<ChainRelay> log)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ReconnectPatience = TimeSpan.FromSeconds(1);
    private const int Reconnects = 2;

    /// <summary>Writes new events until every choice has ended; the writer is left open.</summary>
    public async Task RunAsync(JobId job, IReadOnlyList<DispatchedChain> chains, Transcript transcript, ChannelWriter<StreamEvent> output, CancellationToken cancel)
    {
        HashSet<SessionId> givenUp = [];
        var pause = FirstPause;
        while (!transcript.IsComplete)
        {
            if (chains.FirstOrDefault(c => !givenUp.Contains(c.Session)) is { } chain)
            {
                string reason = await FollowAsync(chain, transcript, output, cancel);
                if (transcript.IsComplete)
                    return;
                GivenUp(log, job, chain.Chain, chain.Attempt, reason);
                metrics.Failover();
                givenUp.Add(chain.Session);
                pause = FirstPause;
                continue;
            }

            await Task.Delay(pause, time, cancel);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            chains = await jobs.ChainsAsync(job, cancel) ?? chains;
        }
    }

    private async Task<string> FollowAsync(DispatchedChain chain, Transcript transcript, ChannelWriter<StreamEvent> output, CancellationToken cancel)
    {
        int[] seen = new int[transcript.Choices];
        long next = 0;
        long started = time.GetTimestamp();
        int reconnects = 0;
        var pause = FirstPause;
        while (true)
        {
            string reason;
            long before = next;
            try
            {
                await foreach (var item in edges.ReadAsync(chain, next, transcript.Choices, next > 0 ? ReconnectPatience : options.StreamStartTimeout, cancel))
                {
                    next++;
                    if (item.Failure is { } failure)
                        return $"{failure.Code}: {failure.Message}";
                    if (transcript.Take(item, seen[item.Choice]++))
                        await output.WriteAsync(item, cancel);
                }

                return "the stream ended";
            }
            catch (SessionUnknownException e)
            {
                reason = e.Message;
            }
            catch (InvalidDataException e)
            {
                return e.Message;
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                reason = e.Message;
            }

            if (next > before)
                reconnects = 0;
            bool patient = next > 0 ? ++reconnects <= Reconnects : time.GetElapsedTime(started) < options.StreamStartTimeout;
            if (!patient)
                return reason;
            await Task.Delay(pause, time, cancel);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    [LoggerMessage(EventId = 30, Level = LogLevel.Warning, Message = "{Job}: chain {Chain}, attempt {Attempt} cannot be read: {Reason}")]
    private static partial void GivenUp(ILogger log, JobId job, int chain, int attempt, string reason);
}
