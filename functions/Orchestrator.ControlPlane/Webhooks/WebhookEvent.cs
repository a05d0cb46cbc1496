using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Webhooks;

/// <summary>What is sent: what happened to which job. The answer itself is read with the owner's key, never sent to a URL.</summary>
/// <param name="Id">Unique for this event; the same on every attempt, so that receivers can drop repeats.</param>
/// <param name="Type"><c>job.</c> and the state the job came to, e.g. <c>job.completed</c>, <c>job.provisional</c>, <c>job.overturned</c>.</param>
/// <param name="CreatedAt">When it happened.</param>
/// <param name="Job">The job; read it at <c>/api/jobs/{job}</c>.</param>
/// <param name="Note">Why, where there is more to say; else null.</param>
public sealed record WebhookEvent(string Id, string Type, DateTimeOffset CreatedAt, string Job, string? Note)
{
    /// <summary>The event of a job's coming to a state. A job comes to a state once, so that repeats of the call make the same event.</summary>
    public static WebhookEvent Of(JobId job, string state, DateTimeOffset at, string? note) => new($"{job}.{state}", $"job.{state}", at, job.Value, note);
}
