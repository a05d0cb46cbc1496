using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Tests.Kit;

/// <summary>A <see cref="FakeCluster"/> over HTTP, as kube-apiserver speaks: rights, list pages, watches with bookmarks and 410, patches by content type, Status documents.</summary>
internal sealed class FakeApiServer : IAsyncDisposable
{
    private static readonly ResourceKind Leases = new("coordination.k8s.io", "v1", "leases", "Lease");
    private static readonly ResourceKind[] All =
        [Kinds.Models, Kinds.StatefulSets, Kinds.DisruptionBudgets, Kinds.Services, Kinds.ServiceAccounts, Kinds.Pods, Kinds.Nodes, Kinds.Events, Leases];

    private readonly WebApplication app;
    private readonly HashSet<Right> rules = Rbac.Load();
    private readonly WatchHub hub;

    private FakeApiServer()
    {
        Cluster = new FakeCluster(new Admission(CrdSchema.Load()));
        hub = new WatchHub(Cluster);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        app = builder.Build();
        app.Run(HandleAsync);
    }

    public FakeCluster Cluster { get; }

    /// <summary>What callers did, with their rights.</summary>
    public TestKit.Recorder<Call> Calls { get; } = new();

    /// <summary>Open watches.</summary>
    public WatchHub Watches => hub;

    /// <summary>Answers every request with this instead; null behaves.</summary>
    public Func<Right, ApiFailure?> Fault { get; set; } = _ => null;

    public static async Task<FakeApiServer> StartAsync()
    {
        var server = new FakeApiServer();
        await server.app.StartAsync();
        return server;
    }

    public Kubernetes Connect() => new(new KubernetesClientConfiguration
    {
        Host = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(),
        HttpClientTimeout = Timeout.InfiniteTimeSpan,
    });

    public async ValueTask DisposeAsync()
    {
        hub.Abort();
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await app.StopAsync(now.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext http)
    {
        try
        {
            var request = ApiRequest.Parse(http.Request, All);
            foreach (var right in request.Rights(Cluster))
            {
                Calls.Add(new Call(right, request.Place));
                if (!rules.Contains(right))
                    throw new ApiFailure(403, "Forbidden", $"{request.Place} is forbidden: User \"controller\" cannot {right}");
                if (Fault(right) is { } failure)
                    throw failure;
            }

            if (request.Watch)
                await hub.ServeAsync(http, request);
            else
                await AnswerAsync(http, http.Request.Method == "POST" ? 201 : 200, await ExecuteAsync(http, request));
        }
        catch (ApiFailure e)
        {
            await AnswerAsync(http, e.Code, e.Status());
        }
    }

    private async Task<JsonObject> ExecuteAsync(HttpContext http, ApiRequest request)
    {
        var (place, body) = (request.Place, await ReadAsync(http.Request));
        switch (http.Request.Method)
        {
            case "GET" when place.Name.Length > 0:
                return Cluster.Find(place.Kind, place.Namespace, place.Name) ?? throw ApiFailure.NotFound($"{place}");
            case "GET":
                return Page(request);
            case "POST":
                return Cluster.Create(place.Kind, place.Namespace, body!, request.Manager);
            case "PUT":
                return Cluster.Replace(place, body!, request.Manager);
            case "DELETE":
                Cluster.Delete(place, body?["preconditions"]?["uid"]?.GetValue<string>());
                return Cluster.Find(place.Kind, place.Namespace, place.Name) ?? new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Success" };
            case "PATCH" when http.Request.ContentType!.StartsWith("application/apply-patch+yaml", StringComparison.Ordinal):
                if (body!["apiVersion"]?.GetValue<string>() != place.Kind.ApiVersion || body["kind"]?.GetValue<string>() != place.Kind.Kind)
                    throw new ApiFailure(400, "BadRequest", "invalid object type");
                return Cluster.Apply(place, request.Subresource, body, request.Manager, request.Force);
            case "PATCH" when http.Request.ContentType!.StartsWith("application/merge-patch+json", StringComparison.Ordinal):
                return Cluster.Merge(place, body!, request.Manager);
            default:
                throw new ApiFailure(415, "UnsupportedMediaType", $"{http.Request.Method} {http.Request.ContentType}");
        }
    }

    private JsonObject Page(ApiRequest request)
    {
        var (items, version) = Cluster.List(request.Place.Kind, request.Place.Namespace);
        int skip = 0;
        if (request.Continue is { } token)
        {
            string[] parts = token.Split(':');
            if (!Cluster.Knows(long.Parse(parts[0])))
                throw new ApiFailure(410, "Expired", "The provided continue parameter is too old to display a consistent list result.");
            (version, skip) = (long.Parse(parts[0]), int.Parse(parts[1]));
        }

        var matching = items.Where(request.Matches).ToList();
        var page = matching.Skip(skip).Take(request.Limit).ToList();
        var metadata = new JsonObject { ["resourceVersion"] = $"{version}" };
        if (skip + page.Count < matching.Count)
            metadata["continue"] = $"{version}:{skip + page.Count}";
        foreach (var item in page)
        {
            // As the server does: items of a list do not say what they are.
            item.Remove("kind");
            item.Remove("apiVersion");
        }

        return new JsonObject { ["kind"] = request.Place.Kind.Kind + "List", ["apiVersion"] = request.Place.Kind.ApiVersion, ["metadata"] = metadata, ["items"] = new JsonArray([.. page]) };
    }

    private static async Task<JsonObject?> ReadAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        string text = await reader.ReadToEndAsync();
        try
        {
            return text.Length == 0 ? null : JsonNode.Parse(text)!.AsObject();
        }
        catch (JsonException e)
        {
            throw new ApiFailure(400, "BadRequest", e.Message);
        }
    }

    private static async Task AnswerAsync(HttpContext http, int code, JsonObject body)
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(body.ToJsonString());
    }
}

/// <summary>A request that reached the server.</summary>
internal sealed record Call(Right Right, Place Place);
