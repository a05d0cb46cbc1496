using System.Text.Json.Serialization;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Workflows;
using Orchestrator.Core.Availability;

namespace Orchestrator.ControlPlane.Availability;

/// <summary>Input of <see cref="DemandWorkflow"/>.</summary>
/// <param name="Receipt">Whose evidence.</param>
/// <param name="Kind">Which file.</param>
/// <param name="By">Instance id of the check that needs it.</param>
/// <param name="Reporter">Host that gets the reporter's part of a slash; null for nobody.</param>
/// <param name="Rules">How long things may take.</param>
public sealed record DemandInput(CheckedReceipt Receipt, EvidenceKind Kind, string By, string? Reporter, CheckRules Rules)
{
    /// <summary>The demand.</summary>
    [JsonIgnore]
    public DemandId Demand => DemandId.Derive(Receipt.Chain.Session, Receipt.Stage, Receipt.Choice, Kind, By);

    /// <summary>The demand's instance id.</summary>
    [JsonIgnore]
    public string Instance => Demand.Value;
}

/// <summary>What came of a demand. A node that withheld has been slashed by then.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Found">The file; null unless answered.</param>
/// <param name="Note">For people.</param>
public sealed record DemandResult(DemandOutcome Outcome, EvidenceFound? Found, string Note);

/// <summary>Where a demand stands: the workflow's custom status.</summary>
/// <param name="State">The rule's state.</param>
/// <param name="Witnesses">Nodes asked so far; they may hand in what they get.</param>
/// <param name="Demanded">Blob with the signed demand; null before it was sent.</param>
public sealed record DemandStatus(AvailabilityDemand State, IReadOnlyList<NodeId> Witnesses, Digest? Demanded);
