using Orchestrator.Contracts;
using Orchestrator.Verification;
using Orchestrator.Worker.Audits;
using Orchestrator.Worker.Availability;
using Orchestrator.Worker.Dispatch;
using Orchestrator.Worker.Disputes;
using Orchestrator.Worker.Shards;

namespace Orchestrator.Worker.Intake;

/// <summary>Takes the platform's messages: only those its key signed and that name this node have any effect. Returns at once; the work runs elsewhere.</summary>
public sealed class WorkIntake(
    NodeId self, byte[] platformKey, ShardKeeper shards, SessionTable sessions, AuditDesk audits, RefereeDesk? referee, DemandDesk demands, DoorDesk door, WitnessDesk witness, ILogger<WorkIntake> log)
{
    /// <summary>Handles one message; false when it can never have an effect, so that delivering it again is pointless.</summary>
    public bool Accept(SignedMessage message)
    {
        string? problem = message.Type switch
        {
            MessageTypes.Placement => Place(message),
            MessageTypes.Assignment => Assign(message),
            MessageTypes.Cancellation => Cancel(message),
            MessageTypes.AuditTask => Audit(message),
            MessageTypes.RefereeTask => Judge(message),
            MessageTypes.EvidenceDemand => Answer(message),
            MessageTypes.DoorCheck => Knock(message),
            MessageTypes.WitnessTask => Witness(message),
            _ => "its type is unknown",
        };
        if (problem is not null)
            log.Ignored(message.Type is { Length: < 64 } ? message.Type : "another", problem);
        return problem is null;
    }

    private string? Place(SignedMessage message)
    {
        if (Check(message) is { } forged)
            return forged;
        if (!MessageSigning.TryOpen(message, MessageTypes.Placement, ContractsJson.Default.Placement, out var placement, out string? error))
            return error;
        if (placement.SchemaVersion != Placement.CurrentSchema || placement.Node != self)
            return "it is of another schema or for another node";
        if (placement.Stages.Count > ManifestValidator.MaxStages || placement.Stages.Any(s => s is < 0 or >= ManifestValidator.MaxStages))
            return "its stages are out of range";
        shards.Apply(placement);
        return null;
    }

    private string? Assign(SignedMessage message)
    {
        if (Check(message) is { } forged)
            return forged;
        return MessageSigning.TryOpen(message, MessageTypes.Assignment, ContractsJson.Default.Assignment, out var assignment, out string? error)
            ? sessions.Assign(assignment)
            : error;
    }

    private string? Cancel(SignedMessage message)
    {
        if (Check(message) is { } forged)
            return forged;
        if (!MessageSigning.TryOpen(message, MessageTypes.Cancellation, ContractsJson.Default.Cancellation, out var cancellation, out string? error))
            return error;
        if (cancellation.SchemaVersion != Cancellation.CurrentSchema || cancellation.Node != self)
            return "it is of another schema or for another node";
        sessions.Cancel(cancellation);
        return null;
    }

    private string? Audit(SignedMessage message)
    {
        if (Check(message) is { } forged)
            return forged;
        return MessageSigning.TryOpen(message, MessageTypes.AuditTask, ContractsJson.Default.AuditTask, out var task, out string? error) ? audits.Take(task) : error;
    }

    private string? Judge(SignedMessage message)
    {
        if (Check(message) is { } forged)
            return forged;
        if (referee is null)
            return "this node is no referee: start it with Worker:Referee";
        return MessageSigning.TryOpen(message, MessageTypes.RefereeTask, ContractsJson.Default.RefereeTask, out var task, out string? error) ? referee.Take(task) : error;
    }

    private string? Answer(SignedMessage message)
    {
        if (Check(message) is { } forged)
            return forged;
        return MessageSigning.TryOpen(message, MessageTypes.EvidenceDemand, ContractsJson.Default.EvidenceDemand, out var demand, out string? error) ? demands.Take(demand) : error;
    }

    private string? Knock(SignedMessage message)
    {
        if (Check(message) is { } forged)
            return forged;
        return MessageSigning.TryOpen(message, MessageTypes.DoorCheck, ContractsJson.Default.DoorCheck, out var check, out string? error) ? door.Take(check) : error;
    }

    private string? Witness(SignedMessage message)
    {
        if (Check(message) is { } forged)
            return forged;
        return MessageSigning.TryOpen(message, MessageTypes.WitnessTask, ContractsJson.Default.WitnessTask, out var task, out string? error) ? witness.Take(task) : error;
    }

    // Keys are public: an ordinary comparison gives nothing away.
    private string? Check(SignedMessage message) =>
        message.Key is not null && message.Key.AsSpan().SequenceEqual(platformKey) ? null : "the platform did not sign it";
}
