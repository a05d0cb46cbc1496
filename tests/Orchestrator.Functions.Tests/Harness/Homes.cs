using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.ControlPlane;

namespace Orchestrator.Functions.Tests.Harness;

/// <summary>The control plane in its two homes, neither of which listens: endpoints as on Kestrel, and functions as the Functions host makes them.</summary>
internal sealed class Homes : IAsyncDisposable
{
    public const string SidecarToken = "sidecar-token";
    private const string ApiKey = "user-key";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("functions-");
    private readonly WebApplication kestrel;
    private readonly WebApplication functions;
    private readonly RequestDelegate endpoints;

    public Homes()
    {
        string keys = Path.Combine(folder.FullName, "keys.json");
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ApiKey)));
        File.WriteAllText(keys, $$"""{"keys":[{"sha256":"{{hash}}","account":"user","role":"user"}]}""");
        var options = new ControlPlaneOptions
        {
            ApiKeysFile = keys,
            PlatformKeyFile = Path.Combine(folder.FullName, "platform.key"),
            BlobFolder = folder.FullName,
        };
        functions = Build(options);
        kestrel = Build(options);
        kestrel.UseRouting();
        kestrel.MapControlPlane();
        kestrel.UseEndpoints(static _ => { });
        endpoints = ((IApplicationBuilder)kestrel).Build();
    }

    /// <summary>What the functions are made from.</summary>
    public IServiceProvider Services => functions.Services;

    /// <summary>Sends a GET through the endpoints.</summary>
    public Task<Answer> KestrelAsync(string path, string? token = null) => AnswerAsync(kestrel.Services, path, token, request => endpoints(request.HttpContext));

    /// <summary>Runs a function of a class made from the container.</summary>
    public Task<Answer> FunctionAsync<T>(string path, Func<T, HttpRequest, DurableTaskClient, Task> run, string? token = null) => AnswerAsync(Services, path, token, async request =>
    {
        await using var hub = new ReplayHub(
            TimeProvider.System, new(static _ => throw new NotSupportedException(), static (_, _) => throw new NotSupportedException()), new HubBehavior());
        await run(ActivatorUtilities.CreateInstance<T>(Services), request, new ReplayHubClient(hub, TimeProvider.System));
    });

    public async ValueTask DisposeAsync()
    {
        await kestrel.DisposeAsync();
        await functions.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private static WebApplication Build(ControlPlaneOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["APP_API_TOKEN"] = SidecarToken;
        builder.Services.AddControlPlaneFunctions(options);
        return builder.Build();
    }

    private static async Task<Answer> AnswerAsync(IServiceProvider services, string path, string? token, Func<HttpRequest, Task> run)
    {
        using var body = new MemoryStream();
        var http = new DefaultHttpContext { RequestServices = services };
        http.Request.Method = HttpMethods.Get;
        http.Request.Path = path;
        http.Request.Headers.Authorization = "Bearer " + ApiKey;
        if (token is not null)
            http.Request.Headers["dapr-api-token"] = token;
        http.Response.Body = body;
        await run(http.Request);
        return new Answer(http.Response.StatusCode, Encoding.UTF8.GetString(body.ToArray()));
    }
}

/// <summary>What a home answers.</summary>
internal sealed record Answer(int Status, string Body)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);
}
