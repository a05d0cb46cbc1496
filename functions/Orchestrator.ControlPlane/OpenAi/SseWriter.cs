using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Orchestrator.ControlPlane.Http;

namespace Orchestrator.ControlPlane.OpenAi;

/// <summary>Writes server-sent events: <c>data: {json}</c> and an empty line each.</summary>
public sealed class SseWriter(HttpResponse response) : IDisposable
{
    private readonly Utf8JsonWriter json = new(response.BodyWriter, ApiJson.Writer);

    /// <summary>Sends the headers with the first event.</summary>
    public void Start()
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        response.Headers["x-accel-buffering"] = "no";
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    /// <summary>Adds an event to the buffer.</summary>
    public void Data(Action<Utf8JsonWriter> write)
    {
        response.BodyWriter.Write("data: "u8);
        write(json);
        json.Flush();
        json.Reset(response.BodyWriter);
        response.BodyWriter.Write("\n\n"u8);
    }

    /// <summary>Adds a named event to the buffer.</summary>
    public void Event(ReadOnlySpan<byte> name, Action<Utf8JsonWriter> write)
    {
        response.BodyWriter.Write("event: "u8);
        response.BodyWriter.Write(name);
        response.BodyWriter.Write("\n"u8);
        Data(write);
    }

    /// <summary>Adds a comment that clients skip: keeps idle connections open.</summary>
    public void Ping() => response.BodyWriter.Write(": ping\n\n"u8);

    /// <summary>Adds the end mark of OpenAI streams.</summary>
    public void Done() => response.BodyWriter.Write("data: [DONE]\n\n"u8);

    /// <summary>Adds an error in mid-stream; abort the connection after the flush, because clients take a quietly ended stream for success.</summary>
    public void Error(ApiException error) => Data(writer => JsonSerializer.Serialize(writer, error.Body, ControlPlaneJson.Default.ErrorBody));

    /// <summary>Sends what is buffered.</summary>
    public async Task FlushAsync(CancellationToken cancel)
    {
        var flushed = await response.BodyWriter.FlushAsync(cancel);
        if (flushed.IsCompleted || flushed.IsCanceled)
            throw new OperationCanceledException("The client has gone.");
    }

    /// <inheritdoc />
    public void Dispose() => json.Dispose();
}
