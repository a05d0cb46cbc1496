using Grpc.Core;

namespace Orchestrator.Sidecar;

/// <summary>An error for the caller of the API, in both its spellings: HTTP status with <c>errorCode</c>, and gRPC status.</summary>
internal sealed class ApiException(int http, StatusCode grpc, string code, string message) : Exception(message)
{
    public int Http { get; } = http;
    public StatusCode Grpc { get; } = grpc;
    public string Code { get; } = code;

    public static ApiException Malformed(string message) => new(400, StatusCode.InvalidArgument, "ERR_MALFORMED_REQUEST", message);

    public static ApiException TooLarge(int limit) =>
        new(413, StatusCode.ResourceExhausted, "ERR_BODY_TOO_LARGE", $"message is larger than {limit} bytes: put it in a blob and send its address");

    public static ApiException Unavailable() => new(503, StatusCode.Unavailable, "ERR_UNAVAILABLE", "the sidecar is not available (injected fault): try again");
}
