using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>
/// Audits chunks of one receipt.
/// <code>
/// evidence of the node, checked against its receipt; again and again for as long as the rules say
///   not served -> demanded in public: it comes, or it is proven withheld, or nobody can say
/// auditor on another host -> runs the chunks again in large passes -> compared by fingerprint; a drawn share at once, and of the same class whoever doubts, pass by pass -> by hash
///   same      -> passed; perhaps another auditor gets a task with a planted error, to see whether auditors look
///   different -> dispute with the auditor as challenger (hashes only): wrong, or passed and the auditor is slashed
///             -> or a doubt: a referee runs the stage again, if it can in its class: who is wrong by that is slashed, node or auditor; if not, another auditor
///   silent, or the dispute is void -> another auditor
/// no auditor there -> looked for again for a while, then a referee, then not done
/// </code>
/// </summary>
public sealed class AuditWorkflow : IWorkflow<AuditInput, CheckResult>
{
    /// <summary>Registered name.</summary>
    public const string Name = "audit";

    /// <inheritdoc />
    public async Task<CheckResult> RunAsync(IWorkflowContext context, AuditInput input)
    {
        var receipt = input.Receipt;
        var evidence = new EvidenceRounds(context, input.Rules.EvidencePatience);
        var (chunks, missing) = await evidence.DemandAsync(receipt, EvidenceKind.Chunks, input.Rules);
        (var inputs, missing) = chunks is null ? (null, missing) : await evidence.DemandAsync(receipt, EvidenceKind.Inputs, input.Rules);
        if (chunks is null || inputs is null)
            return missing!;

        var hearing = new AuditHearing(context, input, chunks, inputs);
        return await hearing.RunAsync();
    }
}
