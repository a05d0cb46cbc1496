namespace Orchestrator.Contracts;

/// <summary>Values of <see cref="SignedMessage.Type"/>: record name and schema version.</summary>
public static class MessageTypes
{
    /// <summary><see cref="Contracts.NodeRecord"/>.</summary>
    public const string NodeRecord = "node-record/1";

    /// <summary><see cref="Contracts.NodeHeartbeat"/>.</summary>
    public const string NodeHeartbeat = "node-heartbeat/1";

    /// <summary><see cref="Contracts.Placement"/>.</summary>
    public const string Placement = "placement/1";

    /// <summary><see cref="Contracts.Assignment"/>.</summary>
    public const string Assignment = "assignment/1";

    /// <summary><see cref="Contracts.Cancellation"/>.</summary>
    public const string Cancellation = "cancellation/1";

    /// <summary><see cref="Contracts.Receipt"/>.</summary>
    public const string Receipt = "receipt/2";

    /// <summary><see cref="Contracts.ChainResult"/>.</summary>
    public const string ChainResult = "chain-result/1";

    /// <summary><see cref="Contracts.AuditTask"/>.</summary>
    public const string AuditTask = "audit-task/1";

    /// <summary><see cref="Contracts.AuditReport"/>.</summary>
    public const string AuditReport = "audit-report/1";

    /// <summary><see cref="Contracts.TraceQuery"/>.</summary>
    public const string TraceQuery = "trace-query/1";

    /// <summary><see cref="Contracts.TraceStates"/>.</summary>
    public const string TraceStates = "trace-states/1";

    /// <summary><see cref="Contracts.TraceLeaf"/>.</summary>
    public const string TraceLeaf = "trace-leaf/1";

    /// <summary><see cref="Contracts.RefereeTask"/>.</summary>
    public const string RefereeTask = "referee-task/1";

    /// <summary><see cref="Contracts.RefereeVerdict"/>.</summary>
    public const string RefereeVerdict = "referee-verdict/1";

    /// <summary><see cref="Contracts.EvidenceRequest"/>.</summary>
    public const string EvidenceRequest = "evidence-request/1";

    /// <summary><see cref="Contracts.TimingsRequest"/>.</summary>
    public const string TimingsRequest = "timings-request/1";

    /// <summary><see cref="Contracts.GatewayLogin"/>.</summary>
    public const string GatewayLogin = "gateway-login/1";

    /// <summary><see cref="Contracts.EvidenceDemand"/>.</summary>
    public const string EvidenceDemand = "evidence-demand/1";

    /// <summary><see cref="Contracts.DemandAnswer"/>.</summary>
    public const string DemandAnswer = "demand-answer/1";

    /// <summary><see cref="Contracts.DoorCheck"/>.</summary>
    public const string DoorCheck = "door-check/1";

    /// <summary><see cref="Contracts.WitnessTask"/>.</summary>
    public const string WitnessTask = "witness-task/1";

    /// <summary><see cref="Contracts.WitnessReport"/>.</summary>
    public const string WitnessReport = "witness-report/1";

    /// <summary><see cref="Contracts.SamplingTerms"/>.</summary>
    public const string SamplingTerms = "sampling-terms/1";
}
