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

/// <summary>
/// A <see cref="FakeCluster"/> over HTTP, as kube-apiserver speaks: rights, list pages, watches with bookmarks and 410, patches by content type, Status documents.
/// <c>RecordedTests</c> holds its answers to those of a real server.
/// </summary>
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

    /// <summary>Breaks the connection of these requests, as a server that goes away does.</summary>
    public Func<Right, bool> Cut { get; set; } = _ => false;

    /// <summary>Ends whoever writes.</summary>
    public KillSwitch Kill { get; set; } = new();

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
            var body = await ReadAsync(http.Request);
            if (!Kill.Passes(request.Method, http.Request.Path, body?.ToJsonString() ?? ""))
            {
                http.Abort();
                return;
            }

            foreach (var right in request.Rights(Cluster))
            {
                Calls.Add(new Call(right, request.Place));
                if (Cut(right))
                {
                    http.Abort();
                    return;
                }

                if (!rules.Contains(right))
                    throw new ApiFailure(403, "Forbidden", $"{request.Place} is forbidden: User \"controller\" cannot {right}");
                if (Fault(right) is { } failure)
                    throw failure;
            }

            if (request.Watch)
            {
                await hub.ServeAsync(http, request);
                return;
            }

            bool creates = request.Method == "POST" || (request.Method == "PATCH" && Cluster.Find(request.Place.Kind, request.Place.Namespace, request.Place.Name) is null);
            var answer = Execute(http, request, body);
            await AnswerAsync(http, creates ? 201 : 200, answer);
        }
        catch (ApiFailure e)
        {
            await AnswerAsync(http, e.Code, e.Status());
        }
    }

    private JsonObject Execute(HttpContext http, ApiRequest request, JsonObject? body)
    {
        var place = request.Place;
        switch (http.Request.Method)
        {
            case "GET" when place.Name.Length > 0:
                return Cluster.Find(place.Kind, place.Namespace, place.Name) ?? throw ApiFailure.NotFound(place);
            case "GET":
                return Page(request);
            case "POST":
                return Told(() => Cluster.Create(place.Kind, place.Namespace, body!, request.Manager), place with { Name = body!["metadata"]?["name"]?.GetValue<string>() ?? "" });
            case "PUT":
                return Cluster.Replace(place, body!, request.Manager);
            case "DELETE":
                var last = Cluster.Find(place.Kind, place.Namespace, place.Name);
                Cluster.Delete(place, body?["preconditions"]?["uid"]?.GetValue<string>());
                // What remains with finalizers is told as it is; of our own kind, what is gone is only confirmed.
                return Cluster.Find(place.Kind, place.Namespace, place.Name)
                    ?? (place.Kind == Kinds.Models ? new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Success" } : last!);
            case "PATCH" when http.Request.ContentType!.StartsWith("application/apply-patch+yaml", StringComparison.Ordinal):
                CheckIdentity(place, body!);
                return Cluster.Apply(place, request.Subresource, body!, request.Manager, request.Force);
            case "PATCH" when http.Request.ContentType!.StartsWith("application/merge-patch+json", StringComparison.Ordinal):
                return Told(() => Cluster.Merge(place, body!, request.Manager), place);
            default:
                throw new ApiFailure(415, "UnsupportedMediaType", "415: Unsupported Media Type");
        }
    }

    private static JsonObject Told(Func<JsonObject> write, Place place)
    {
        try
        {
            return write();
        }
        catch (UnknownField e)
        {
            throw e.Written(place);
        }
    }

    private static void CheckIdentity(Place place, JsonObject body)
    {
        string[] version = (body["apiVersion"]?.GetValue<string>() ?? "").Split('/');
        string type = $"{(version.Length > 1 ? version[0] : "")}/{version[^1]}, Kind={body["kind"]}";
        if (type != $"{place.Kind.Group}/{place.Kind.Version}, Kind={place.Kind.Kind}")
            throw new ApiFailure(400, "BadRequest", $"invalid object type: {type}");
        if (body["metadata"]?["name"]?.GetValue<string>() is { } name && name != place.Name)
            throw new ApiFailure(400, "BadRequest", $"the name of the object ({name}) does not match the name on the URL ({place.Name})");
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
        {
            metadata["continue"] = $"{version}:{skip + page.Count}";
            metadata["remainingItemCount"] = matching.Count - skip - page.Count;
        }

        foreach (var item in page.Where(_ => request.Place.Kind != Kinds.Models))
        {
            // As the server does: items of a list do not say what they are, but those of a custom resource do.
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

    private async Task AnswerAsync(HttpContext http, int code, JsonObject body)
    {
        if (Kill.Dead)
        {
            http.Abort();
            return;
        }

        http.Response.StatusCode = code;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(body.ToJsonString());
    }
}

/// <summary>A request that reached the server.</summary>
internal sealed record Call(Right Right, Place Place);
