using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Diagnostics;

namespace Orchestrator.ControlPlane.Messages;

/// <summary>
/// Receives a topic's deliveries from the sidecar, as cloud events or unwrapped by middleware. Whoever holds the broker's credentials may publish:
/// what is malformed is dropped, and only our own failures ask for another delivery.
/// </summary>
public sealed partial class TopicEndpoint(IConfiguration configuration, ControlPlaneMetrics metrics, ILogger<TopicEndpoint> log)
{
    private const int MaxBody = 4 << 20;

    /// <summary>Handles one delivery.</summary>
    public async Task ReceiveAsync(HttpContext http, TopicRoute route)
    {
        if (!FromSidecar(http.Request))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        var (delivery, reason) = (Delivery.Dropped, (string?)"malformed");
        try
        {
            if (await ReadAsync(http) is { } message)
                (delivery, reason) = await route.Handle(message, http.RequestAborted);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            Failed(log, e, route.Topic);
            delivery = Delivery.Retry;
        }

        if (delivery == Delivery.Dropped)
        {
            Dropped(log, route.Topic, reason ?? "");
            metrics.Dropped(route.Topic, reason?.Split(':')[0] ?? "");
        }

        http.Response.StatusCode = delivery == Delivery.Retry ? StatusCodes.Status500InternalServerError : StatusCodes.Status200OK;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(delivery switch
        {
            Delivery.Accepted => """{"status":"SUCCESS"}""",
            Delivery.Dropped => """{"status":"DROP"}""",
            _ => """{"status":"RETRY"}""",
        });
    }

    /// <summary>Whether a request has the token that only the sidecar knows, where there is one (<c>APP_API_TOKEN</c>).</summary>
    public bool FromSidecar(HttpRequest request)
    {
        if (configuration["APP_API_TOKEN"] is not { Length: > 0 } token)
            return true;
        return request.Headers["dapr-api-token"] is [{ } sent]
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), Encoding.UTF8.GetBytes(token));
    }

    private static async Task<SignedMessage?> ReadAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        byte[] buffer = new byte[16 * 1024];
        int read;
        while ((read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted)) > 0)
        {
            if (body.Length + read > MaxBody)
                return null;
            body.Write(buffer, 0, read);
        }

        try
        {
            using var document = JsonDocument.Parse(body.GetBuffer().AsMemory(0, (int)body.Length));
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return null;
            if (root.TryGetProperty("specversion", out _))
                return FromCloudEvent(root);
            return root.Deserialize(ContractsJson.Default.SignedMessage);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static SignedMessage? FromCloudEvent(JsonElement root)
    {
        if (root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object)
            return data.Deserialize(ContractsJson.Default.SignedMessage);
        if (root.TryGetProperty("data_base64", out var bytes) && bytes.ValueKind == JsonValueKind.String)
            return JsonSerializer.Deserialize(bytes.GetBytesFromBase64(), ContractsJson.Default.SignedMessage);
        if (data.ValueKind == JsonValueKind.String)
            return JsonSerializer.Deserialize(data.GetString()!, ContractsJson.Default.SignedMessage);
        return null;
    }

    [LoggerMessage(EventId = 60, Level = LogLevel.Warning, Message = "A message on {Topic} was dropped: {Reason}")]
    private static partial void Dropped(ILogger log, string topic, string reason);

    [LoggerMessage(EventId = 61, Level = LogLevel.Warning, Message = "A message on {Topic} could not be handled now")]
    private static partial void Failed(ILogger log, Exception exception, string topic);
}
