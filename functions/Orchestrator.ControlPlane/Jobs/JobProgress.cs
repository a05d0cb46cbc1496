using System.Text.Json.Serialization;
using Orchestrator.ControlPlane.Dispatch;

namespace Orchestrator.ControlPlane.Jobs;

/// <summary>Where a job stands: the workflow's custom status.</summary>
/// <param name="Phase">Where it is.</param>
/// <param name="Chains">Chains that work or worked on it, the last attempt of each number.</param>
/// <param name="Note">What it waits for or why it tries again; null when all goes well.</param>
/// <param name="Answer">The answer while it is provisional; null before, and once the job has ended with it.</param>
/// <param name="Checks">Audits and disputes of it, in the order they began.</param>
public sealed record JobProgress(
    JobPhase Phase, IReadOnlyList<DispatchedChain> Chains, string? Note = null, JobAnswer? Answer = null, IReadOnlyList<CheckView>? Checks = null);

/// <summary>Phases of a job. The last four are final.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobPhase>))]
public enum JobPhase
{
    /// <summary>Accepted; waits for capacity.</summary>
    [JsonStringEnumMemberName("planned")]
    Planned,

    /// <summary>Chains are at work.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>Results are compared, or another chain is asked.</summary>
    [JsonStringEnumMemberName("reconciling")]
    Reconciling,

    /// <summary>Answered; the answer is audited, or may still be challenged.</summary>
    [JsonStringEnumMemberName("provisional")]
    Provisional,

    /// <summary>The answer counts; money moves.</summary>
    [JsonStringEnumMemberName("settling")]
    Settling,

    /// <summary>Answered and paid.</summary>
    [JsonStringEnumMemberName("completed")]
    Completed,

    /// <summary>The answer was found wrong after it was delivered; nothing was charged.</summary>
    [JsonStringEnumMemberName("overturned")]
    Overturned,

    /// <summary>No answer; nothing was charged.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>Cancelled by its owner, who was charged for what had been streamed.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}
