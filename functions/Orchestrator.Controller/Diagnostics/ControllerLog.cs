using Microsoft.Extensions.Logging;

namespace Orchestrator.Controller.Diagnostics;

internal static partial class ControllerLog
{
    [LoggerMessage(700, LogLevel.Warning, "Watch of {Kind} in {Namespace} failed")]
    public static partial void WatchFailed(this ILogger log, Exception error, string kind, string @namespace);

    [LoggerMessage(701, LogLevel.Information, "{Model}: {Reason}: {Message}")]
    public static partial void Happened(this ILogger log, string model, string reason, string message);

    [LoggerMessage(702, LogLevel.Warning, "{Model}: {Reason}: {Message}")]
    public static partial void Problem(this ILogger log, string model, string reason, string message);

    [LoggerMessage(703, LogLevel.Error, "{Model}: the reconciliation broke")]
    public static partial void Broke(this ILogger log, Exception error, string model);

    [LoggerMessage(704, LogLevel.Information, "{Identity} leads")]
    public static partial void Leads(this ILogger log, string identity);

    [LoggerMessage(705, LogLevel.Information, "{Leader} leads now")]
    public static partial void OtherLeads(this ILogger log, string leader);

    [LoggerMessage(706, LogLevel.Critical, "{Identity} has lost the lease and stops: another may lead by now")]
    public static partial void LostLease(this ILogger log, string identity);

    [LoggerMessage(707, LogLevel.Warning, "Lease: {Error}")]
    public static partial void LeaseFailed(this ILogger log, string error);

    [LoggerMessage(708, LogLevel.Information, "{Identity} has given the lease back")]
    public static partial void ReleasedLease(this ILogger log, string identity);

    [LoggerMessage(709, LogLevel.Warning, "Event {Reason} of {Model} could not be recorded: {Error}")]
    public static partial void EventFailed(this ILogger log, string reason, string model, string error);

    [LoggerMessage(710, LogLevel.Warning, "Watch of {Kind} in {Namespace} broke and begins again: {Error}")]
    public static partial void WatchBroke(this ILogger log, string kind, string @namespace, string error);

    [LoggerMessage(711, LogLevel.Warning, "{Model}: the API server stood in the way, it is tried again: {Error}")]
    public static partial void Unreachable(this ILogger log, string model, string error);
}
