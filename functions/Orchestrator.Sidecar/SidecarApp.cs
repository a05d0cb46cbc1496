namespace Orchestrator.Sidecar;

/// <summary>An app as served.</summary>
/// <param name="HttpEndpoint">For <c>DAPR_HTTP_ENDPOINT</c>.</param>
/// <param name="GrpcEndpoint">For <c>DAPR_GRPC_ENDPOINT</c>.</param>
/// <param name="AppHttpEndpoint">Where the app is looked for; null when not yet known.</param>
/// <param name="IsUp">Whether the app answered and its subscriptions are in force.</param>
public sealed record SidecarApp(string AppId, Uri HttpEndpoint, Uri GrpcEndpoint, Uri? AppHttpEndpoint, bool IsUp);
