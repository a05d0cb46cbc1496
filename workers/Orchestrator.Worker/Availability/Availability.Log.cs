namespace Orchestrator.Worker.Availability;

internal static partial class AvailabilityLog
{
    [LoggerMessage(520, LogLevel.Warning, "Demand {Demand}: nothing is kept of session {Session}, stage {Stage}.")]
    public static partial void NothingKept(this ILogger log, string demand, string session, int stage);

    [LoggerMessage(521, LogLevel.Information, "Demand {Demand} was answered; the platform said {Status}.")]
    public static partial void DemandAnswered(this ILogger log, string demand, int status);

    [LoggerMessage(522, LogLevel.Warning, "Demand {Demand} could not be answered, and will be tried again: {Reason}")]
    public static partial void DemandUnanswered(this ILogger log, string demand, string reason);

    [LoggerMessage(523, LogLevel.Information, "Witnessed demand {Demand}, round {Round}: {Saw} ({Detail}).")]
    public static partial void Witnessed(this ILogger log, string demand, int round, Orchestrator.Contracts.Sighting saw, string detail);

    [LoggerMessage(524, LogLevel.Warning, "The door for answers at {Door}, or the gateway's way to it, cannot be reached, so that this node gets no checked work: {Reason}")]
    public static partial void DoorShut(this ILogger log, string door, string reason);
}
