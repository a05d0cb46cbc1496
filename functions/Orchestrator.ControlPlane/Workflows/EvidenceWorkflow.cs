using System.Text.Json.Serialization;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>
/// Gets a stage's evidence for somebody who wants to see it; once, whoever asks how often. The node is asked as for an audit: what it does not serve is demanded in public, and
/// costs its stake when it is proven to be withheld.
/// </summary>
public sealed class EvidenceWorkflow : IWorkflow<EvidenceWanted, EvidenceGot>
{
    /// <summary>Registered name.</summary>
    public const string Name = "evidence";

    /// <inheritdoc />
    public async Task<EvidenceGot> RunAsync(IWorkflowContext context, EvidenceWanted input)
    {
        var rounds = new EvidenceRounds(context, input.Rules.EvidencePatience);
        var (chunks, missing) = await rounds.DemandAsync(input.Receipt, EvidenceKind.Chunks, input.Rules, input.Reporter);
        (var inputs, missing) = chunks is null ? (null, missing) : await rounds.DemandAsync(input.Receipt, EvidenceKind.Inputs, input.Rules, input.Reporter);
        return new EvidenceGot(chunks, inputs, missing?.Note);
    }
}

/// <summary>Input of <see cref="EvidenceWorkflow"/>.</summary>
/// <param name="Receipt">Whose evidence.</param>
/// <param name="Reporter">Host that gets the reporter's part of a slash for withholding; null for nobody.</param>
/// <param name="Rules">How long things may take.</param>
public sealed record EvidenceWanted(CheckedReceipt Receipt, string? Reporter, CheckRules Rules)
{
    /// <summary>The instance id: one per stage and choice.</summary>
    [JsonIgnore]
    public string Instance => $"evidence:{Receipt.Chain.Session}:{Receipt.Stage}:{Receipt.Choice}";
}

/// <summary>What came of it.</summary>
/// <param name="Chunks">The chunk file; null when it did not come.</param>
/// <param name="Inputs">The input file; null when one of the two did not come.</param>
/// <param name="Missing">Why something did not come; null when all did.</param>
public sealed record EvidenceGot(EvidenceFound? Chunks, EvidenceFound? Inputs, string? Missing);
