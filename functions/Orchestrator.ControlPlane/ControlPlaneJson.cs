using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Accounts;
using Orchestrator.ControlPlane.Assurance;
using Orchestrator.ControlPlane.Availability;
using Orchestrator.ControlPlane.Disputes;
using Orchestrator.ControlPlane.Economics;
using Orchestrator.ControlPlane.Evidence;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.Ledger;
using Orchestrator.ControlPlane.Models;
using Orchestrator.ControlPlane.Nodes;
using Orchestrator.ControlPlane.OpenAi;
using Orchestrator.ControlPlane.Stake;
using Orchestrator.ControlPlane.Tracing;
using Orchestrator.ControlPlane.Webhooks;

namespace Orchestrator.ControlPlane;

/// <summary>JSON of the HTTP API: snake case like the OpenAI shapes, enum values included.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(SnakeCaseEnums)], RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(ApiKeyFile))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ChatChunk))]
[JsonSerializable(typeof(Completion))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ModelEntry))]
[JsonSerializable(typeof(QuoteView))]
[JsonSerializable(typeof(ChallengeRequest))]
[JsonSerializable(typeof(ChallengeView))]
[JsonSerializable(typeof(DisputeView))]
[JsonSerializable(typeof(DisputeList))]
[JsonSerializable(typeof(DemandView))]
[JsonSerializable(typeof(DemandList))]
[JsonSerializable(typeof(OpenAnswerList))]
[JsonSerializable(typeof(JobTraceView))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(JobView))]
[JsonSerializable(typeof(JobList))]
[JsonSerializable(typeof(JobEvent))]
[JsonSerializable(typeof(ModelView))]
[JsonSerializable(typeof(PlaceRequest))]
[JsonSerializable(typeof(PlaceAnswer))]
[JsonSerializable(typeof(ModelManifest))]
[JsonSerializable(typeof(BlobView))]
[JsonSerializable(typeof(NodeView))]
[JsonSerializable(typeof(NodeList))]
[JsonSerializable(typeof(AccountView))]
[JsonSerializable(typeof(CreditRequest))]
[JsonSerializable(typeof(HealthView))]
[JsonSerializable(typeof(IndexView))]
[JsonSerializable(typeof(StakeRequest))]
[JsonSerializable(typeof(StakeActionView))]
[JsonSerializable(typeof(BondView))]
[JsonSerializable(typeof(LedgerBalanceView))]
[JsonSerializable(typeof(SuspenseRequest))]
[JsonSerializable(typeof(WebhookEvent))]
[JsonSerializable(typeof(WebhookKeyView))]
internal sealed partial class ControlPlaneJson : JsonSerializerContext;
