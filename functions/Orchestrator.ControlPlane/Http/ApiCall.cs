using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Orchestrator.ControlPlane.Accounts;

namespace Orchestrator.ControlPlane.Http;

/// <summary>One authenticated request, as handlers see it.</summary>
/// <param name="http">The request and the response.</param>
/// <param name="caller">Whose key it carries.</param>
/// <param name="maxBodyBytes">Largest JSON body read.</param>
public sealed class ApiCall(HttpContext http, Caller caller, long maxBodyBytes)
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>The request and the response.</summary>
    public HttpContext Http { get; } = http;

    /// <summary>Whose key the request carries.</summary>
    public Caller Caller { get; } = caller;

    /// <summary>Cancelled when the client has gone.</summary>
    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>A route parameter.</summary>
    public string Route(string name) => Http.Request.RouteValues[name] as string ?? "";

    /// <summary>Reads the body as a JSON object.</summary>
    /// <exception cref="ApiException">It is too large or not a JSON object.</exception>
    public async Task<JsonDocument> ReadObjectAsync() => ParseObject(await ReadBodyAsync(maxBodyBytes));

    /// <summary>Parses a JSON object.</summary>
    /// <exception cref="ApiException">It is not a JSON object.</exception>
    public static JsonDocument ParseObject(ReadOnlyMemory<byte> body)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body, Strict);
            CheckNames(body.Span);
        }
        catch (InvalidOperationException)
        {
            throw ApiErrors.BadParameter(null, "A member's name is not valid Unicode text.", "invalid_json");
        }
        catch (JsonException e)
        {
            throw ApiErrors.BadParameter(null, $"The body is not valid JSON: {e.Message}", "invalid_json");
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        document.Dispose();
        throw ApiErrors.BadParameter(null, "The body must be a JSON object.", "invalid_json");
    }

    /// <summary>Throws for names with unpaired surrogates: the parser lets them pass, and whoever reads or compares them later fails.</summary>
    private static void CheckNames(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueIsEscaped)
                reader.GetString();
        }
    }

    /// <summary>Reads the body as a record.</summary>
    /// <exception cref="ApiException">It is too large or does not fit the record.</exception>
    public async Task<T> ReadAsync<T>(JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(await ReadBodyAsync(maxBodyBytes), type) ?? throw ApiErrors.BadParameter(null, "The body must not be null.", "invalid_json");
        }
        catch (JsonException e)
        {
            throw ApiErrors.BadParameter(null, $"The body does not fit: {e.Message}", "invalid_json");
        }
    }

    /// <summary>Answers with JSON.</summary>
    public async Task WriteAsync<T>(T body, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        var bytes = ApiJson.Bytes(body, type);
        Http.Response.StatusCode = status;
        Http.Response.ContentType = "application/json";
        Http.Response.Headers.XContentTypeOptions = "nosniff";
        Http.Response.ContentLength = bytes.Length;
        await Http.Response.Body.WriteAsync(bytes, Aborted);
    }

    /// <summary>Reads the body as bytes.</summary>
    /// <exception cref="ApiException">It is larger than the limit.</exception>
    public async Task<byte[]> ReadBodyAsync(long limit)
    {
        if (Http.Request.ContentLength > limit)
            throw ApiErrors.TooLarge(limit);
        using var body = new MemoryStream();
        byte[] buffer = new byte[16 * 1024];
        int read;
        while ((read = await Http.Request.Body.ReadAsync(buffer, Aborted)) > 0)
        {
            if (body.Length + read > limit)
                throw ApiErrors.TooLarge(limit);
            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }
}
