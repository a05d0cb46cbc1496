using System.Text.Json.Serialization;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Accounts;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.Models;
using Orchestrator.ControlPlane.Nodes;
using Orchestrator.ControlPlane.OpenAi;

namespace Orchestrator.ControlPlane;

/// <summary>JSON of the HTTP API: camel case, except the OpenAI shapes, which name their members themselves.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(ApiKeyFile))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ChatChunk))]
[JsonSerializable(typeof(Completion))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ModelEntry))]
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
internal sealed partial class ControlPlaneJson : JsonSerializerContext;
