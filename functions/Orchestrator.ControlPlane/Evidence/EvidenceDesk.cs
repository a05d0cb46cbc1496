using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Availability;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.Receipts;
using Orchestrator.ControlPlane.Workflows;
using Orchestrator.Durable;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Evidence;

/// <summary>
/// Gets a stage's evidence by <see cref="EvidenceWorkflow"/>: the node is asked once for all who want to see it, what comes is checked against the receipt before anybody gets it,
/// and a node that does not serve it meets what it would meet in a dispute.
/// </summary>
public sealed class EvidenceDesk(
    SigningKey platform, IWorkflowClient workflows, ReceiptBlobs receipts, IBlobStore blobs, EvidenceIntake intake, ControlPlaneOptions options, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Opens the evidence of a stage of an answered job.</summary>
    /// <param name="job">The job, with an answer.</param>
    /// <param name="number">Number of the chain; null for the first that agreed.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="choice">The completion.</param>
    /// <param name="reporter">Host that gets the reporter's part of a slash for withholding; null for nobody.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="ApiException">There is none, it is too large, it has not come yet, or it is withheld.</exception>
    public async Task<OpenEvidence> OpenAsync(JobSnapshot job, int? number, int stage, int choice, string? reporter, CancellationToken cancel)
    {
        var info = job.Answer!.Info.Chains.FirstOrDefault(c => number is null || c.Chain == number);
        var chain = job.Progress.Chains.FirstOrDefault(c => c.Chain == info?.Chain && c.Attempt == info.Attempt);
        if (chain is null || info?.Result is not { } result)
            throw ApiErrors.NotFound($"No chain {number ?? 0} made the job's answer. Leave 'chain' out, or see 'orchestrator.chains' of the job.", "not_found", "chain");
        if ((uint)stage >= (uint)chain.Stages.Count)
            throw ApiErrors.NotFound($"The model has stages 0 to {chain.Stages.Count - 1}.", "not_found", "stage");
        if ((uint)choice >= (uint)job.Spec.Choices)
            throw ApiErrors.NotFound($"The answer has choices 0 to {job.Spec.Choices - 1}.", "not_found", "choice");
        if (job.Spec.EvidenceUntil is not { } until)
            throw ApiErrors.NotFound("Nodes keep no evidence of answers of assurance 'none'.", "no_evidence");

        var message = await receipts.ResultAsync(result, cancel);
        var wanted = new EvidenceWanted(Receipt(job.Spec, chain, message, stage, choice, result, until), reporter, job.Spec.Checks);
        if (await intake.MostBytesAsync(wanted.Receipt, EvidenceKind.Inputs, cancel) is var bytes && bytes > options.Audits.MostServedEvidence)
            throw ApiErrors.BadParameter("stage", $"What this stage received are {bytes} bytes, and at most {options.Audits.MostServedEvidence} are served here. The platform's own audits are not bound by this.", "evidence_too_large");
        var (chunks, inputs) = await GetAsync(wanted, until, cancel);
        var head = new EvidenceHead(EvidenceHead.CurrentSchema, job.Spec.Job, await receipts.BytesAsync(job.Spec.Manifest, cancel), message, stage, choice, stage == chain.Stages.Count - 1 ? Terms(job.Spec, chain) : null);
        try
        {
            byte[] chunkFile = await receipts.BytesAsync(chunks.Blob, cancel);
            return new OpenEvidence(EvidenceBundle.Preamble(head, chunkFile), await blobs.OpenAsync(inputs.Blob, cancel));
        }
        catch (Exception e) when (e is FileNotFoundException or ApiException { Code: "receipts_gone" })
        {
            // The store makes room when it is full; the node may still have it.
            await workflows.PurgeAsync(wanted.Instance, cancel);
            throw Later();
        }
    }

    private async Task<(EvidenceFound Chunks, EvidenceFound Inputs)> GetAsync(EvidenceWanted wanted, DateTimeOffset until, CancellationToken cancel)
    {
        if (await workflows.GetAsync(wanted.Instance, cancel) is null)
        {
            if (until <= time.GetUtcNow())
                throw ApiErrors.NotFound($"Nodes had to keep this evidence until {until:u}.", "evidence_gone");
            await workflows.ScheduleAsync(EvidenceWorkflow.Name, wanted, wanted.Instance, cancellationToken: cancel);
        }

        WorkflowState state;
        try
        {
            state = await workflows.WaitForCompletionAsync(wanted.Instance, cancel).WaitAsync(Patience, time, cancel);
        }
        catch (TimeoutException)
        {
            throw Later();
        }

        var got = state.ReadOutput<EvidenceGot>();
        return got is { Chunks: { } chunks, Inputs: { } inputs }
            ? (chunks, inputs)
            : throw new ApiException(424, "server_error", $"The node did not serve it. {got?.Missing ?? state.Failure?.Message} A provisional answer can be challenged for that: POST /api/disputes has the evidence demanded again, and overturns the answer when it does not come.")
            {
                Code = "evidence_withheld",
            };
    }

    /// <summary>Log-probabilities that the developer asked for are nobody else's business.</summary>
    private SignedMessage Terms(JobSpec spec, Dispatch.DispatchedChain chain) => MessageSigning.Seal(
        MessageTypes.SamplingTerms,
        new SamplingTerms(SamplingTerms.CurrentSchema, spec.Job, chain.Session, spec.Sampling with { TopLogProbs = -1 }),
        ContractsJson.Default.SamplingTerms,
        platform);

    private static ApiException Later() => ApiErrors.Unavailable(
        "The node has not served it yet. It is asked again and again, and then in public: see GET /api/demands. Ask again, or challenge the answer while its window is open.", "evidence_awaited", 5);

    private static CheckedReceipt Receipt(JobSpec spec, Dispatch.DispatchedChain chain, SignedMessage message, int stage, int choice, Digest evidence, DateTimeOffset until)
    {
        if (!MessageSigning.TryOpen(message, MessageTypes.ChainResult, ContractsJson.Default.ChainResult, out var result, out _)
            || !MessageSigning.TryOpen(result.Receipts[stage], MessageTypes.Receipt, ContractsJson.Default.Receipt, out var receipt, out _))
            throw new InvalidDataException($"The stored result of {spec.Job} cannot be read any more.");
        return new CheckedReceipt(
            spec.Job, spec.Model, spec.Manifest, chain, stage, choice, result.PromptTokens, receipt.Choices[choice], receipt.Class, null, 0, spec.CreatedAt, evidence)
        {
            KeptUntil = until,
        };
    }
}

/// <summary>Evidence ready to be sent.</summary>
/// <param name="Preamble">All of the file but its inputs.</param>
/// <param name="Inputs">The rest.</param>
public sealed record OpenEvidence(byte[] Preamble, Stream Inputs);
