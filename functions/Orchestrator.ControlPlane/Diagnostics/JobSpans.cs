using System.Diagnostics;
using Orchestrator.ControlPlane.Jobs;

namespace Orchestrator.ControlPlane.Diagnostics;

/// <summary>
/// Spans of a job outside its request. The request's context is part of the job, so an activity that runs much later, or in another process after a
/// restart, shows up in the same trace; a workflow itself makes no spans and replays as if there were none.
/// </summary>
internal static class JobSpans
{
    /// <summary>A span under what runs now, if that is of the job's trace, or else under the request; null while nobody listens.</summary>
    public static Activity? Start(string name, JobSpec job)
    {
        if (!ControlPlaneMetrics.Spans.HasListeners())
            return null;
        var parent = ActivityContext.TryParse(job.Trace, null, isRemote: true, out var request) ? request : default;
        if (Activity.Current is { } current && current.TraceId == parent.TraceId)
            parent = current.Context;
        return ControlPlaneMetrics.Spans.StartActivity(name, ActivityKind.Internal, parent)?.SetTag("orchestrator.job.id", job.Job.Value);
    }
}
