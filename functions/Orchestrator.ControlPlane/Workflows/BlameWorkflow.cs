using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Disputes;
using Orchestrator.Core.Disputes;
using Orchestrator.Core.Stake;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>
/// Proves which of two nodes that signed different outputs for equal inputs lied: finds the first chunk that differs by the leaves under both receipts and has the two
/// dispute it. Who is proven wrong is slashed there. With <see cref="BlameInput.BothWays"/> the other one is challenged too if the first is upheld, for then it is the one.
/// </summary>
public sealed class BlameWorkflow : IWorkflow<BlameInput, CheckResult>
{
    /// <summary>Registered name.</summary>
    public const string Name = "blame";

    /// <inheritdoc />
    public async Task<CheckResult> RunAsync(IWorkflowContext context, BlameInput input)
    {
        var evidence = new EvidenceRounds(context, input.Rules.EvidencePatience);
        var asked = new[] { evidence.DemandAsync(input.Accused, EvidenceKind.Chunks, input.Rules), evidence.DemandAsync(input.Reference, EvidenceKind.Chunks, input.Rules) };
        var served = await Task.WhenAll(asked);
        if (served.Select(s => s.Missing).OfType<CheckResult>().OrderByDescending(m => m.Guilty is not null).FirstOrDefault() is { } missing)
            return missing;
        var (accused, reference) = (served[0].Found!, served[1].Found!);
        int chunk = accused.Outputs.Zip(reference.Outputs).TakeWhile(pair => pair.First == pair.Second).Count();
        if (chunk == accused.Outputs.Count || chunk == reference.Outputs.Count)
            return new CheckResult(CheckVerdict.Passed, null, null, "The leaves do not differ.");
        var first = await DisputeAsync(context, input.Accused, input.Reference, accused.Outputs, new ChunkClaim(chunk, reference.Outputs[chunk]), input.Rules);
        // A referee that finds for the accused has seen the reference be wrong: a majority may be a ring.
        if (first.Verdict != CheckVerdict.Passed || !(input.BothWays || first.Fault == FaultKind.FalseAccusation))
            return first with { Guilty = first.Verdict == CheckVerdict.Wrong ? first.Guilty : null };
        return await DisputeAsync(context, input.Reference, input.Accused, reference.Outputs, new ChunkClaim(chunk, accused.Outputs[chunk]), input.Rules);
    }

    private static Task<CheckResult> DisputeAsync(
        IWorkflowContext context, CheckedReceipt accused, CheckedReceipt reference, IReadOnlyList<Digest> leaves, ChunkClaim claim, CheckRules rules)
    {
        var dispute = DisputeInput.Between(accused, reference, leaves, claim, rules);
        return context.CallChildAsync<CheckResult>(DisputeWorkflow.Name, dispute, dispute.Instance);
    }
}

/// <summary>Input of <see cref="BlameWorkflow"/>.</summary>
/// <param name="Accused">The receipt that is thought wrong.</param>
/// <param name="Reference">The same stage's receipt of another chain.</param>
/// <param name="BothWays">Neither is known to be right.</param>
/// <param name="Rules">How long things may take.</param>
public sealed record BlameInput(CheckedReceipt Accused, CheckedReceipt Reference, bool BothWays, CheckRules Rules)
{
    /// <summary>The instance id: the two receipts, whoever asks.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Instance => $"blame:{Accused.Chain.Session}:{Reference.Chain.Session}:{Accused.Stage}:{Accused.Choice}";
}
