using System.Text.Json.Nodes;

namespace Orchestrator.Local;

/// <summary>One app-id: where the app listens, where it finds its sidecar, and the tokens both ways.</summary>
/// <param name="Id">Dapr app-id.</param>
/// <param name="AppPort">Loopback port the sidecar calls; 0 when it never does.</param>
/// <param name="HttpPort">Loopback port of the Dapr HTTP API.</param>
/// <param name="GrpcPort">Loopback port of the Dapr gRPC API.</param>
/// <param name="ApiToken">What the app sends to the sidecar.</param>
/// <param name="AppToken">What the sidecar sends to the app.</param>
public sealed record DaprApp(string Id, int AppPort, int HttpPort, int GrpcPort, string ApiToken, string AppToken)
{
    /// <summary>An app with three of the given ports and fresh tokens.</summary>
    public static DaprApp Create(string id, Queue<int> ports) =>
        new(id, ports.Dequeue(), ports.Dequeue(), ports.Dequeue(), NetworkFolder.NewToken(), NetworkFolder.NewToken());

    /// <summary>An app that the sidecar never calls, with two of the given ports.</summary>
    public static DaprApp CreateCaller(string id, Queue<int> ports) =>
        new(id, 0, ports.Dequeue(), ports.Dequeue(), NetworkFolder.NewToken(), NetworkFolder.NewToken());

    /// <summary>What the Dapr SDK reads in the app's process.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["DAPR_HTTP_PORT"] = HttpPort.ToString(),
        ["DAPR_GRPC_PORT"] = GrpcPort.ToString(),
        ["DAPR_API_TOKEN"] = ApiToken,
        ["APP_API_TOKEN"] = AppToken,
    };

    /// <summary>The sidecar's side.</summary>
    public JsonObject ToJson() => new()
    {
        ["appId"] = Id,
        ["appHttpEndpoint"] = AppPort > 0 ? $"http://127.0.0.1:{AppPort}" : null,
        ["httpPort"] = HttpPort,
        ["grpcPort"] = GrpcPort,
        ["apiToken"] = ApiToken,
        ["appApiToken"] = AppToken,
    };
}
