using System.Text.Json.Serialization;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.OpenAi;
using Orchestrator.Core.Assurance;
using Orchestrator.Core.Pricing;
using Orchestrator.Core.Settlement;

namespace Orchestrator.ControlPlane.Jobs;

/// <summary>Everything a job was asked to do: input of its workflow. Holds the prompt, which is therefore in the journal but in no log.</summary>
/// <param name="Job">The job, also the workflow's instance id.</param>
/// <param name="Owner">Account that pays and alone may see it.</param>
/// <param name="Kind">Shape of the answer.</param>
/// <param name="Model">Model name.</param>
/// <param name="Manifest">SHA-256 of the manifest the job is pinned to.</param>
/// <param name="Prompt">What to answer.</param>
/// <param name="PromptTokens">Its tokens.</param>
/// <param name="MaxCompletionTokens">Most tokens per choice.</param>
/// <param name="Choices">Completions.</param>
/// <param name="Sampling">How tokens are drawn.</param>
/// <param name="Stop">Stop sequences.</param>
/// <param name="IgnoreEnd">Go on past the end token.</param>
/// <param name="Assurance">What was asked for.</param>
/// <param name="Quote">The most its chains can cost.</param>
/// <param name="Assured">The most it can cost with its audits, and what was promised for it.</param>
/// <param name="CreatedAt">When it was accepted.</param>
/// <param name="Deadline">When it fails at the latest.</param>
/// <param name="Window">How long the answer may be challenged; 0 unless optimistic.</param>
/// <param name="LongestCheck">How long an audit with its dispute may take; 0 when there are none.</param>
/// <param name="Checks">Rules of audits and disputes.</param>
/// <param name="ProbeInterval">How often to look after silent chains.</param>
/// <param name="Request">SHA-256 of a batch request, to tell a repeated submission from another one.</param>
/// <param name="Webhook">Where the owner wants to hear of the job; null for nowhere.</param>
/// <param name="Trace">W3C traceparent.</param>
public sealed record JobSpec(
    JobId Job,
    string Owner,
    RequestKind Kind,
    string Model,
    Digest Manifest,
    Prompt Prompt,
    int PromptTokens,
    int MaxCompletionTokens,
    int Choices,
    SamplingParameters Sampling,
    IReadOnlyList<string> Stop,
    bool IgnoreEnd,
    AssuranceLevel Assurance,
    Quote Quote,
    AssuranceQuote Assured,
    DateTimeOffset CreatedAt,
    DateTimeOffset Deadline,
    TimeSpan Window,
    TimeSpan LongestCheck,
    CheckRules Checks,
    TimeSpan ProbeInterval,
    Digest? Request,
    string? Webhook,
    string? Trace)
{
    /// <summary>Who may read the evidence of its stages.</summary>
    public EvidenceAudience Evidence { get; init; }

    /// <summary>
    /// Running a chain again is paid also where a chain that took part in it was outvoted or given up. False for jobs in flight that were accepted before that was so: they settle as they began.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool PaysAllComparisons { get; init; }

    /// <summary>Chains that must agree.</summary>
    [JsonIgnore]
    public int Chains => Assurance.Chains;

    /// <summary>How long money stays on hold: past the end of the last check, also when void disputes open the window again, by what settling may take when actors are away.</summary>
    [JsonIgnore]
    public DateTimeOffset HoldExpiresAt => Deadline + Window + LongestFinality(LongestCheck) + TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long nodes must serve evidence: as long as a receipt may be audited, challenged or disputed, or an honest node would be slashed for what it was never told to
    /// keep. Null where nothing is checked after the answer.
    /// </summary>
    [JsonIgnore]
    public DateTimeOffset? EvidenceUntil => Assurance.Kind switch
    {
        AssuranceKind.None => null,
        // Chains that differ are disputed, one way and the other.
        AssuranceKind.Redundant => Deadline + 2 * (Checks.LongestDemand + Checks.Disputes.Longest),
        AssuranceKind.Sampled => Deadline + LongestCheck,
        _ => HoldExpiresAt,
    };

    /// <summary>How long all checks of an answer may take after its window, void disputes that open it again included.</summary>
    public static TimeSpan LongestFinality(TimeSpan longestCheck) => 2 * (ChallengeWindow.MaxReopened + 1) * longestCheck;

    /// <summary>Seed of plans, so that a repeated plan is the same plan.</summary>
    [JsonIgnore]
    public ulong PlanSeed => Convert.ToUInt64(Digest.Of(System.Text.Encoding.ASCII.GetBytes(Job.Value)).Value[..16], 16);
}
