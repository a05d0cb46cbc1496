using System.Net;
using Orchestrator.Contracts;
using Orchestrator.Worker.Audits;
using Orchestrator.Worker.Evidence;

namespace Orchestrator.Worker.Availability;

/// <summary>
/// Answers public demands of this node's evidence, by itself, to the platform or through its own gateway: whoever says that it withholds is proven wrong by that. Tries until it is heard; a demand
/// that is sent again is answered again.
/// </summary>
public sealed class DemandDesk(NodeId self, EvidenceStore store, AnswerClient answers, TaskDesk desk, TimeProvider time, ILogger<DemandDesk> log)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Takes a demand the platform signed; what is wrong with it, or null.</summary>
    public string? Take(EvidenceDemand demand)
    {
        if (demand.Node != self)
            return "it is for another node";
        if (demand.Problem() is { } problem)
            return problem;
        // Each copy has its own minute: the platform sends it again as long as it is open.
        var now = time.GetUtcNow();
        return desk.Take($"{demand.Demand}:{now.UtcTicks / Patience.Ticks}", now + Patience, cancel => AnswerAsync(demand, cancel));
    }

    private async Task AnswerAsync(EvidenceDemand demand, CancellationToken cancel)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            await using var file = store.Open(demand.Session, demand.Stage, demand.Choice, demand.Kind);
            if (file is null)
            {
                log.NothingKept(demand.Demand.Value, demand.Session.Value, demand.Stage);
                return;
            }

            try
            {
                var status = await answers.SendAsync(demand.AnswerTo, demand.Demand, file, cancel);
                log.DemandAnswered(demand.Demand.Value, (int)status);
                if ((int)status < 500 && status != HttpStatusCode.TooManyRequests)
                    return;
            }
            catch (Exception e) when (!cancel.IsCancellationRequested && e is HttpRequestException or OperationCanceledException)
            {
                log.DemandUnanswered(demand.Demand.Value, e.Message);
            }

            await Task.Delay(pause, time, cancel);
        }
    }
}
