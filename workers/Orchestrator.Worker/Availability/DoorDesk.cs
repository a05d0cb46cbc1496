using Orchestrator.Contracts;
using Orchestrator.Worker.Audits;

namespace Orchestrator.Worker.Availability;

/// <summary>
/// Shows the platform that this node reaches the door for answers, by the way on which it would answer a demand. Tried once a check: the platform asks again until it has heard.
/// </summary>
public sealed class DoorDesk(NodeId self, AnswerClient answers, TaskDesk desk, ILogger<DoorDesk> log)
{
    /// <summary>Takes a check the platform signed; what is wrong with it, or null.</summary>
    public string? Take(DoorCheck check)
    {
        if (check.Node != self)
            return "it is for another node";
        return check.Problem() ?? desk.Take($"door:{check.ExpiresAt.UtcTicks}", check.ExpiresAt, cancel => KnockAsync(check, cancel));
    }

    private async Task KnockAsync(DoorCheck check, CancellationToken cancel)
    {
        try
        {
            var status = await answers.SendAsync(check.AnswerTo, DemandId.OfDoor(self), Stream.Null, cancel);
            if ((int)status is < 200 or > 299)
                log.DoorShut(check.AnswerTo.GetLeftPart(UriPartial.Authority), $"it answers {(int)status}");
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && e is HttpRequestException or OperationCanceledException)
        {
            log.DoorShut(check.AnswerTo.GetLeftPart(UriPartial.Authority), e.Message);
        }
    }
}
