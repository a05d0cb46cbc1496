using System.Text.Json.Serialization;

namespace Orchestrator.Contracts;

/// <summary>JSON of all wire types: camel case, enums as strings, unknown members are ignored (not in signed messages, whose payload is canonical), missing ones refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ModelManifest))]
[JsonSerializable(typeof(NodeRecord))]
[JsonSerializable(typeof(NodeHeartbeat))]
[JsonSerializable(typeof(Placement))]
[JsonSerializable(typeof(Assignment))]
[JsonSerializable(typeof(Cancellation))]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(ChainResult))]
[JsonSerializable(typeof(StreamEvent))]
[JsonSerializable(typeof(NodeTimings))]
[JsonSerializable(typeof(SignedMessage))]
[JsonSerializable(typeof(TimingsRequest))]
[JsonSerializable(typeof(SignedMessage[]))]
[JsonSerializable(typeof(ChainFailure))]
[JsonSerializable(typeof(AuditTask))]
[JsonSerializable(typeof(AuditReport))]
[JsonSerializable(typeof(TraceQuery))]
[JsonSerializable(typeof(TraceStates))]
[JsonSerializable(typeof(TraceLeaf))]
[JsonSerializable(typeof(RefereeTask))]
[JsonSerializable(typeof(RefereeVerdict))]
[JsonSerializable(typeof(EvidenceRequest))]
[JsonSerializable(typeof(EvidenceDemand))]
[JsonSerializable(typeof(DemandAnswer))]
[JsonSerializable(typeof(DoorCheck))]
[JsonSerializable(typeof(WitnessTask))]
[JsonSerializable(typeof(WitnessReport))]
[JsonSerializable(typeof(ReceiptsDocument))]
[JsonSerializable(typeof(EvidenceHead))]
[JsonSerializable(typeof(SamplingTerms))]
[JsonSerializable(typeof(GatewayLogin))]
public sealed partial class ContractsJson : JsonSerializerContext;
