using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Integration.Tests;

/// <summary>Stands before an API and breaks off an upload in the middle of its body.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly HttpClient http = new();
    private readonly WebApplication web;
    private readonly Uri target;

    private CuttingProxy(WebApplication web, Uri target) => (this.web, this.target) = (web, target);

    /// <summary>Uploads let through before one is broken off; null for all.</summary>
    public int? CutsAfter { get; set; }

    /// <summary>Paths of the uploads that were let through.</summary>
    public ConcurrentQueue<string> Uploads { get; } = [];

    public Uri Address => new(web.Urls.Single());

    public static async Task<CuttingProxy> StartAsync(Uri target)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var proxy = new CuttingProxy(builder.Build(), target);
        proxy.web.Run(proxy.ServeAsync);
        await proxy.web.StartAsync();
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
        if (HttpMethods.IsPut(asked.Method) && Uploads.Count == CutsAfter)
        {
            await asked.Body.ReadAtLeastAsync(new byte[1024], 1024, cancellationToken: context.RequestAborted);
            context.Abort();
            return;
        }

        using var request = new HttpRequestMessage(new HttpMethod(asked.Method), new Uri(target, $"{asked.Path}{asked.QueryString}"));
        if (!HttpMethods.IsGet(asked.Method))
            request.Content = new StreamContent(asked.Body);
        foreach (var (name, values) in asked.Headers.Where(h => h.Key is not ("Host" or "Transfer-Encoding")))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.ToArray()))
                request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
        }

        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        if (HttpMethods.IsPut(asked.Method))
            Uploads.Enqueue(asked.Path);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(h => h.Key is not ("Transfer-Encoding" or "Connection")))
            context.Response.Headers[name] = values.ToArray();
        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
