using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Contracts;

namespace Orchestrator.Worker.Intake;

/// <summary>What the Dapr sidecar calls: the subscription list, the health check and the node's topic.</summary>
public static class WorkEndpoints
{
    /// <summary>Most bytes of a delivery: a payload of 1 MiB in base64, twice when the event is binary.</summary>
    public const int MaxBody = 4 << 20;

    private const string Route = "/work";
    private const string TokenHeader = "dapr-api-token";

    /// <summary>Maps the endpoints.</summary>
    /// <param name="routes">Of the listener that only the sidecar reaches.</param>
    /// <param name="self">The node.</param>
    /// <param name="appToken">What the sidecar must present; null when none is configured.</param>
    /// <param name="intake">Takes the messages.</param>
    public static void Map(IEndpointRouteBuilder routes, NodeId self, string? appToken, WorkIntake intake)
    {
        string topic = Topics.Work(self);
        string subscriptions = $$"""[{"pubsubname":"{{Topics.PubSub}}","topic":"{{topic}}","route":"{{Route}}","deadLetterTopic":"{{Topics.DeadLetter(topic)}}"}]""";
        RequestDelegate Guard(RequestDelegate next) => http =>
        {
            if (Allowed(http, appToken))
                return next(http);
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        };
        routes.MapGet("/healthz", http =>
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        routes.MapGet("/dapr/subscribe", Guard(http => WriteAsync(http, subscriptions)));
        routes.MapPost(Route, Guard(async http => await WriteAsync(http, await DeliverAsync(http, intake))));
    }

    private static Task WriteAsync(HttpContext http, string json)
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(json, http.RequestAborted);
    }

    private static async Task<string> DeliverAsync(HttpContext http, WorkIntake intake)
    {
        SignedMessage? message = null;
        try
        {
            using var document = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
            message = Unwrap(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            // Answered below: what cannot be read now cannot be read later.
        }

        return message is not null && intake.Accept(message) ? """{"status":"SUCCESS"}""" : """{"status":"DROP"}""";
    }

    private static SignedMessage? Unwrap(JsonElement cloudEvent)
    {
        if (cloudEvent.ValueKind != JsonValueKind.Object)
            return null;
        if (cloudEvent.TryGetProperty("data", out var data))
            return data.ValueKind == JsonValueKind.String
                ? JsonSerializer.Deserialize(data.GetString()!, ContractsJson.Default.SignedMessage)
                : data.Deserialize(ContractsJson.Default.SignedMessage);
        return cloudEvent.TryGetProperty("data_base64", out var binary) && binary.ValueKind == JsonValueKind.String
            ? JsonSerializer.Deserialize(binary.GetBytesFromBase64(), ContractsJson.Default.SignedMessage)
            : null;
    }

    private static bool Allowed(HttpContext http, string? appToken) =>
        appToken is not { Length: > 0 }
        || (http.Request.Headers[TokenHeader] is [{ } presented]
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(presented)), SHA256.HashData(Encoding.UTF8.GetBytes(appToken))));
}
