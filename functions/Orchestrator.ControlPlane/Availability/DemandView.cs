using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Workflows;
using Orchestrator.Core.Availability;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Availability;

/// <summary>Demands, newest first.</summary>
public sealed record DemandList(IReadOnlyList<DemandView> Demands);

/// <summary>A public demand of evidence as it stands.</summary>
/// <param name="Demand">Its id.</param>
/// <param name="Job">The job.</param>
/// <param name="Session">The chain's session.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Choice">The completion.</param>
/// <param name="Kind">Which file.</param>
/// <param name="Node">Who has to serve it.</param>
/// <param name="OpenedAt">When it was made public.</param>
/// <param name="AnswerUntil">Least time there is for an answer.</param>
/// <param name="RoundsAsked">Rounds of witnesses so far.</param>
/// <param name="RoundsCounted">Rounds in which a quorum saw nothing fit.</param>
/// <param name="RoundsExcused">Rounds in which a quorum saw nothing fit, but the platform did not hear from the node, or it had not shown that it can answer.</param>
/// <param name="Witnesses">Nodes drawn so far.</param>
/// <param name="Evidence">SHA-256 of the signed demand, whose signature draws the witnesses; null before it was sent.</param>
/// <param name="Outcome">How it ended; null while it is open.</param>
public sealed record DemandView(
    string Demand,
    string Job,
    string Session,
    int Stage,
    int Choice,
    EvidenceKind Kind,
    NodeId Node,
    DateTimeOffset OpenedAt,
    DateTimeOffset AnswerUntil,
    int RoundsAsked,
    int RoundsCounted,
    int RoundsExcused,
    IReadOnlyList<NodeId> Witnesses,
    Digest? Evidence,
    DemandOutcome? Outcome)
{
    /// <summary>Reads a workflow's state; null when it is no demand.</summary>
    public static DemandView? Of(WorkflowState state)
    {
        if (state.Name != DemandWorkflow.Name || state.ReadInput<DemandInput>() is not { } input)
            return null;
        var (receipt, status) = (input.Receipt, state.ReadCustomStatus<DemandStatus>());
        return new DemandView(
            input.Demand.Value, receipt.Job.Value, receipt.Chain.Session.Value, receipt.Stage, receipt.Choice, input.Kind, receipt.Signer.Node, state.CreatedAt,
            status?.State.AnswerUntil ?? state.CreatedAt + input.Rules.Availability.Window, status?.State.Asked ?? 0, status?.State.Counted ?? 0, status?.State.Excused ?? 0, status?.Witnesses ?? [],
            status?.Demanded, status?.State.Outcome);
    }
}
