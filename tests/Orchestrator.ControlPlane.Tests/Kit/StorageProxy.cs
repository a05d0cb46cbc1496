using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests.Kit;

/// <summary>Stands before the storage emulator and is as unkind as the real service can be: busy now and then, and with answers that break off.</summary>
internal sealed class StorageProxy : IAsyncDisposable
{
    private static readonly string[] OfTheConnection = ["Transfer-Encoding", "Connection", "Keep-Alive", "Host", "Content-Length"];

    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private readonly WebApplication web;
    private readonly Uri target;
    private int refused;

    private StorageProxy(WebApplication web, Uri target) => (this.web, this.target) = (web, target);

    /// <summary>Whether a request is answered with "busy".</summary>
    public Func<HttpRequest, bool> Busy { get; set; } = _ => false;

    /// <summary>Bytes after which the answer to a request breaks off; null for never.</summary>
    public Func<HttpRequest, int?> Cuts { get; set; } = _ => null;

    /// <summary>Requests that came, as method and range.</summary>
    public Recorder<(string Method, string? Range)> Requests { get; } = new();

    /// <summary>Times it said that it is busy.</summary>
    public int Refused => refused;

    /// <summary>The emulator's connection string, by way of this proxy.</summary>
    public string ConnectionString { get; private set; } = "";

    public static async Task<StorageProxy> StartAsync(Azurite azurite)
    {
        string[] parts = azurite.ConnectionString.Split("BlobEndpoint=");
        var endpoint = new Uri(parts[1].TrimEnd(';'));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var proxy = new StorageProxy(builder.Build(), new Uri(endpoint.GetLeftPart(UriPartial.Authority)));
        proxy.web.Run(proxy.ServeAsync);
        await proxy.web.StartAsync();
        proxy.ConnectionString = $"{parts[0]}BlobEndpoint={proxy.web.Urls.First()}{endpoint.AbsolutePath};";
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await web.DisposeAsync();
        http.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        var asked = context.Request;
        Requests.Add((asked.Method, asked.Headers.Range.Count > 0 ? asked.Headers.Range.ToString() : asked.Headers["x-ms-range"].FirstOrDefault()));
        if (Busy(asked))
        {
            Interlocked.Increment(ref refused);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers["x-ms-error-code"] = "ServerBusy";
            return;
        }

        using var request = new HttpRequestMessage(new HttpMethod(asked.Method), new Uri(target, $"{asked.Path.ToUriComponent()}{asked.QueryString}"));
        if (asked.ContentLength is not null)
            request.Content = new StreamContent(asked.Body);
        foreach (var (name, values) in asked.Headers.Where(h => h.Key is not "Host"))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.ToArray()))
                request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
        }

        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(h => !OfTheConnection.Contains(h.Key, StringComparer.OrdinalIgnoreCase)))
            context.Response.Headers[name] = values.ToArray();
        context.Response.ContentLength = answer.Content.Headers.ContentLength;
        if (HttpMethods.IsHead(asked.Method))
            return;
        if (Cuts(asked) is not { } bytes)
        {
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
            return;
        }

        byte[] whole = await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
        await context.Response.Body.WriteAsync(whole.AsMemory(0, Math.Min(bytes, whole.Length)), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        context.Abort();
    }
}
