using Orchestrator.Contracts;
using Orchestrator.ControlPlane.OpenAi;
using Orchestrator.Core.Settlement;

namespace Orchestrator.ControlPlane.Jobs;

/// <summary>A job as the API shows it. The prompt is not repeated.</summary>
/// <param name="Job">Its id.</param>
/// <param name="Status">Where it is.</param>
/// <param name="Note">What it waits for, or why it tries again.</param>
/// <param name="Model">Model name.</param>
/// <param name="Assurance">What was asked for.</param>
/// <param name="CreatedAt">When it was accepted.</param>
/// <param name="UpdatedAt">When its status changed last.</param>
/// <param name="Deadline">When it fails at the latest.</param>
/// <param name="Quoted">Micro-credits set aside.</param>
/// <param name="Finality">Whether the answer counts; null until there is one.</param>
/// <param name="Checks">Audits and disputes of the answer.</param>
/// <param name="Charged">Micro-credits it cost; null until it has ended.</param>
/// <param name="Chains">Chains at work, the last attempt of each.</param>
/// <param name="Choices">The answer; null until there is one.</param>
/// <param name="Usage">Its tokens; null until there is one.</param>
/// <param name="Orchestrator">How it was made, checked and paid; null until there is one.</param>
/// <param name="Failure">Why there is no answer, or why it does not count; null unless failed, cancelled or overturned.</param>
public sealed record JobView(
    string Job,
    JobPhase Status,
    string? Note,
    string Model,
    string Assurance,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset Deadline,
    long Quoted,
    Finality? Finality,
    IReadOnlyList<CheckView> Checks,
    long? Charged,
    IReadOnlyList<JobChainView> Chains,
    IReadOnlyList<JobChoiceView>? Choices,
    Usage? Usage,
    OrchestratorInfo? Orchestrator,
    JobFailure? Failure)
{
    /// <summary>Shows a job.</summary>
    public static JobView Of(JobSnapshot job)
    {
        var answer = job.Answer;
        return new JobView(
            job.Spec.Job.Value,
            job.Progress.Phase,
            job.Progress.Note,
            job.Spec.Model,
            job.Spec.Assurance.Value,
            job.Spec.CreatedAt,
            job.UpdatedAt,
            job.Spec.Deadline,
            job.Spec.Assured.Total,
            answer?.Info.Assurance.Finality,
            job.Outcome?.Checks ?? job.Progress.Checks ?? [],
            job.Outcome?.Charged,
            [.. job.Progress.Chains.Select(c => new JobChainView(c.Chain, c.Attempt, [.. c.Stages.Select(s => s.Node)]))],
            answer is null ? null : [.. answer.Choices.Select((c, i) => new JobChoiceView(i, c.Text, c.Tokens, c.FinishReason))],
            answer is null ? null : ChatShape.Usage(answer),
            answer?.Info,
            job.Outcome?.Failure);
    }
}

/// <summary>A chain at work on a job.</summary>
public sealed record JobChainView(int Chain, int Attempt, IReadOnlyList<NodeId> Nodes);

/// <summary>One completion.</summary>
public sealed record JobChoiceView(int Index, string Text, IReadOnlyList<int> Tokens, FinishReason FinishReason);

/// <summary>An account's jobs, newest first.</summary>
public sealed record JobList(IReadOnlyList<JobView> Jobs);

/// <summary>Data of a <c>token</c> event.</summary>
/// <param name="Choice">Which completion.</param>
/// <param name="Token">The token drawn; null when only text was released.</param>
/// <param name="Text">Text that became certain.</param>
public sealed record JobEvent(int Choice, int? Token, string Text);
