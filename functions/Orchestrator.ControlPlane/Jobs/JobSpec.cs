using Orchestrator.Contracts;
using Orchestrator.ControlPlane.OpenAi;
using Orchestrator.Core.Pricing;

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
/// <param name="Chains">Chains that must agree; 1 for <see cref="Assurance.None"/>.</param>
/// <param name="Quote">The most it can cost.</param>
/// <param name="CreatedAt">When it was accepted.</param>
/// <param name="Deadline">When it fails at the latest.</param>
/// <param name="ProbeInterval">How often to look after silent chains.</param>
/// <param name="Request">SHA-256 of a batch request, to tell a repeated submission from another one.</param>
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
    Assurance Assurance,
    int Chains,
    Quote Quote,
    DateTimeOffset CreatedAt,
    DateTimeOffset Deadline,
    TimeSpan ProbeInterval,
    Digest? Request,
    string? Trace)
{
    /// <summary>How long money stays on hold: past the deadline by what settling may take when actors are away.</summary>
    public DateTimeOffset HoldExpiresAt => Deadline + TimeSpan.FromMinutes(5);

    /// <summary>Seed of plans, so that a repeated plan is the same plan.</summary>
    public ulong PlanSeed => Convert.ToUInt64(Digest.Of(System.Text.Encoding.ASCII.GetBytes(Job.Value)).Value[..16], 16);
}
