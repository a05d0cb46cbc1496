using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.Workflows;

namespace Orchestrator.ControlPlane.Audits;

/// <summary>One stage's receipt of one choice, as audits and disputes look at it.</summary>
/// <param name="Job">The job.</param>
/// <param name="Model">Its model.</param>
/// <param name="Manifest">SHA-256 of the model's manifest.</param>
/// <param name="Chain">The chain that ran it.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Choice">The completion.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="Committed">What the stage signed for this choice.</param>
/// <param name="Class">The class it says it ran in.</param>
/// <param name="Draws">What was drawn; last stage only.</param>
/// <param name="Reward">What the stage is paid if the answer stands.</param>
/// <param name="At">When its result was agreed on, by the workflow's clock: the time of a fault.</param>
/// <param name="Evidence">Blob with the signed result and its receipts.</param>
public sealed record CheckedReceipt(
    JobId Job,
    string Model,
    Digest Manifest,
    DispatchedChain Chain,
    int Stage,
    int Choice,
    int PromptTokens,
    ChoiceCommitment Committed,
    ExecutionClass Class,
    DrawTask? Draws,
    long Reward,
    DateTimeOffset At,
    Digest Evidence)
{
    /// <summary>Who ran it.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public DispatchedStage Signer => Chain.Stages[Stage];

    /// <summary>Until when the stage's assignment told it to keep the evidence: nobody can be blamed for what is asked later.</summary>
    public DateTimeOffset KeptUntil { get; init; }

    /// <summary>Takes a receipt out of a chain's valid result.</summary>
    internal static CheckedReceipt Of(JobSpec job, ChainSlot slot, int stage, int choice, long reward, DateTimeOffset at)
    {
        var opened = slot.Result!.Opened;
        var receipt = opened.Receipts[stage].Receipt!;
        bool last = stage == opened.Receipts.Count - 1;
        return new CheckedReceipt(
            job.Job, job.Model, job.Manifest, slot.Chain, stage, choice, opened.Result.PromptTokens, receipt.Choices[choice], receipt.Class,
            last ? new DrawTask(job.Sampling, choice, opened.Result.Choices[choice].Tokens) : null, reward, at, slot.Result.Evidence)
        {
            KeptUntil = job.EvidenceUntil ?? job.Deadline,
        };
    }
}

/// <summary>Input of <see cref="AuditWorkflow"/>.</summary>
/// <param name="Receipt">What to audit.</param>
/// <param name="Chunks">Which of its chunks, rising.</param>
/// <param name="Signature">The platform's signature over the job's receipts, which also picks the auditors; lower-case hex.</param>
/// <param name="Exact">Compare every bit from the start.</param>
/// <param name="Planted">Also ask for an audit of inputs with a planted error.</param>
/// <param name="Hosts">Hosts of all chains of the job: none of them may audit it as long as there are others.</param>
/// <param name="Rules">How long things may take, as the options said when the job began.</param>
public sealed record AuditInput(
    CheckedReceipt Receipt, IReadOnlyList<int> Chunks, string Signature, bool Exact, bool Planted, IReadOnlyList<string> Hosts, CheckRules Rules)
{
    /// <summary>The audit's instance id.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Instance => $"audit:{Receipt.Chain.Session}:{Receipt.Stage}:{Receipt.Choice}";
}

/// <summary>The part of <see cref="AuditOptions"/> that workflows need; part of their input, so that replays see the same.</summary>
/// <param name="EvidencePatience">For evidence.</param>
/// <param name="ReportPatience">For an auditor's report.</param>
/// <param name="Auditors">Auditors asked at most.</param>
/// <param name="CostShare">Part of a stage's pay that a batched audit of it costs.</param>
/// <param name="ExactCostShare">The same of an exact audit.</param>
/// <param name="Disputes">Of disputes.</param>
/// <param name="Referees">Who judges.</param>
/// <param name="AuditorPatience">How long an auditor is looked for when there is none.</param>
/// <param name="Availability">Of demands of evidence that was not served.</param>
public sealed record CheckRules(
    TimeSpan EvidencePatience,
    TimeSpan ReportPatience,
    int Auditors,
    double CostShare,
    double ExactCostShare,
    Core.Disputes.DisputeRules Disputes,
    IReadOnlyList<NodeId> Referees,
    TimeSpan AuditorPatience,
    Core.Availability.AvailabilityRules Availability)
{
    /// <summary>The longest it may take until evidence is there or proven to be withheld.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public TimeSpan LongestDemand => EvidencePatience + Availability.Longest(ReportPatience);

    /// <summary>What an audit of a stage costs.</summary>
    /// <param name="mode">How it runs.</param>
    /// <param name="reward">Pay of the stage, in micro-credits.</param>
    public long PriceOf(AuditMode mode, long reward) => (long)(reward * (mode == AuditMode.Exact ? ExactCostShare : CostShare));

    /// <summary>Takes them out of the options.</summary>
    public static CheckRules Of(AuditOptions options) => new(
        options.EvidencePatience, options.ReportPatience, options.Auditors, options.CostShare, options.ExactCostShare, options.Disputes,
        [.. options.Referees.Select(r => NodeId.TryParse(r, out var id) ? id : throw new ArgumentException($"'{r}' is no node id."))],
        options.AuditorPatience,
        options.Availability);
}
