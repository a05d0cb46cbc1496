using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.Workflows;

namespace Orchestrator.ControlPlane.Audits;

/// <summary>What all stages of one chain signed for one choice.</summary>
/// <param name="Job">The job.</param>
/// <param name="Model">Its model.</param>
/// <param name="Manifest">SHA-256 of the model's manifest.</param>
/// <param name="Chain">The chain.</param>
/// <param name="Choice">The completion.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="Stages">What each stage signed, in order.</param>
/// <param name="Draws">What was drawn.</param>
/// <param name="At">When it was found to differ, by the workflow's clock: the time of a fault.</param>
/// <param name="Evidence">Blob with the signed result and its receipts.</param>
/// <param name="KeptUntil">Until when its nodes keep their evidence.</param>
public sealed record CheckedChain(
    JobId Job,
    string Model,
    Digest Manifest,
    DispatchedChain Chain,
    int Choice,
    int PromptTokens,
    IReadOnlyList<CheckedStage> Stages,
    DrawTask Draws,
    DateTimeOffset At,
    Digest Evidence,
    DateTimeOffset KeptUntil)
{
    /// <summary>One stage's receipt. Nobody is paid for it.</summary>
    public CheckedReceipt this[int stage] => new(
        Job, Model, Manifest, Chain, stage, Choice, PromptTokens, Stages[stage].Committed, Stages[stage].Class, stage == Stages.Count - 1 ? Draws : null, 0, At, Evidence)
    {
        KeptUntil = KeptUntil,
    };

    /// <summary>Takes the receipts out of a chain's readable result.</summary>
    internal static CheckedChain Of(JobSpec job, ChainSlot slot, int choice, DateTimeOffset at)
    {
        var opened = slot.Result!.Opened;
        return new CheckedChain(
            job.Job, job.Model, job.Manifest, slot.Chain, choice, opened.Result.PromptTokens,
            [.. opened.Receipts.Select(r => new CheckedStage(r.Receipt!.Choices[choice], r.Receipt.Class))],
            new DrawTask(job.Sampling, choice, opened.Result.Choices[choice].Tokens), at, slot.Result.Evidence, job.EvidenceUntil ?? job.Deadline);
    }
}

/// <summary>What one stage signed for one choice.</summary>
/// <param name="Committed">Its commitment.</param>
/// <param name="Class">The class it says it ran in.</param>
public sealed record CheckedStage(ChoiceCommitment Committed, ExecutionClass Class);
