using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Models;
using Orchestrator.Core.Placement;
using Orchestrator.TestKit;

namespace Orchestrator.Controller.Tests.Kit;

/// <summary>The platform's model API in memory. It reads and writes with the control plane's own types, so that the shapes are the real ones.</summary>
internal sealed class FakePlatform : IAsyncDisposable
{
    public const string Key = "admin-key";

    // As the control plane's own serializer context says, which is not public.
    private static readonly JsonSerializerOptions Shape = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly WebApplication app;
    private readonly Lock gate = new();
    private readonly Dictionary<Digest, byte[]> blobs = [];
    private readonly Dictionary<string, Published> models = [];

    private FakePlatform()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        app = builder.Build();
        app.Run(HandleAsync);
    }

    /// <summary>No answer but 503.</summary>
    public bool Down { get; set; }

    /// <summary>Ends whoever writes.</summary>
    public KillSwitch Kill { get; set; } = new();

    /// <summary>Requests as <c>METHOD path</c>.</summary>
    public Recorder<string> Requests { get; } = new();

    /// <summary>Every manifest that was published.</summary>
    public Recorder<string> Publications { get; } = new();

    /// <summary>Every placement that was sent.</summary>
    public Recorder<IReadOnlyList<StagePlacement>> Placements { get; } = new();

    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<FakePlatform> StartAsync()
    {
        var platform = new FakePlatform();
        await platform.app.StartAsync();
        return platform;
    }

    public void Put(byte[] blob)
    {
        lock (gate)
            blobs[Digest.Of(blob)] = blob;
    }

    public bool Has(Digest blob)
    {
        lock (gate)
            return blobs.ContainsKey(blob);
    }

    /// <summary>Somebody else publishes a model and places it.</summary>
    public void Publish(FakeModel model, params IReadOnlyList<StagePlacement> placements)
    {
        for (int stage = 0; stage < model.Manifest.Stages.Count; stage++)
            Put(model.ShardFile(stage));
        lock (gate)
            Publish(model.ManifestJson);
        Place(model.Manifest.Name, placements);
    }

    /// <summary>Nodes do what they were told: every placed shard is loaded.</summary>
    public void Load(string model, Func<StagePlacement, bool>? which = null)
    {
        lock (gate)
            models[model].Ready = [.. models[model].Placements.Where(which ?? (_ => true))];
    }

    /// <summary>Somebody else places a model.</summary>
    public void Place(string model, IReadOnlyList<StagePlacement> placements)
    {
        lock (gate)
            models[model].Placements = [.. models[model].Placements, .. placements];
    }

    public IReadOnlyList<StagePlacement> PlacementsOf(string model)
    {
        lock (gate)
            return models.TryGetValue(model, out var found) ? found.Placements : [];
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await app.StopAsync(now.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext http)
    {
        string path = http.Request.Path.Value!.Trim('/');
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        if (!Kill.Passes(http.Request.Method, http.Request.Path, System.Text.Encoding.UTF8.GetString(body.ToArray())))
        {
            http.Abort();
            return;
        }

        Requests.Add($"{http.Request.Method} {path}");
        try
        {
            if (Down)
                throw ApiErrors.Unavailable("The platform is being repaired.");
            if (http.Request.Headers.Authorization != $"Bearer {Key}")
                throw ApiErrors.Unauthenticated("Wrong key.");
            var (status, answer) = Handle(http.Request.Method, path.Split('/'), body.ToArray());
            if (Kill.Dead)
            {
                http.Abort();
                return;
            }

            http.Response.StatusCode = status;
            await http.Response.Body.WriteAsync(answer);
        }
        catch (ApiException e)
        {
            http.Response.StatusCode = e.Status;
            await http.Response.WriteAsync(JsonSerializer.Serialize(new { error = new { message = e.Message, code = e.Code } }));
        }
    }

    private (int Status, byte[] Body) Handle(string method, string[] path, byte[] body)
    {
        lock (gate)
        {
            switch (method, path)
            {
                case ("PUT", ["api", "blobs", var digest]):
                    if (Digest.Of(body).Value != digest)
                        throw ApiErrors.BadParameter("digest", "The bytes have another digest.", "digest_mismatch");
                    blobs[Digest.Of(body)] = body;
                    return (201, []);
                case ("GET", ["api", "blobs", var digest]):
                    return Digest.TryParse(digest, out var id) && blobs.TryGetValue(id, out byte[]? blob) ? (200, blob) : throw ApiErrors.NotFound("There is no such blob.");
                case ("POST", ["api", "models"]):
                    return (201, Publish(body));
                case ("GET", ["api", "models", var name]):
                    return (200, View(Find(name)));
                case ("POST", ["api", "models", var name, "place"]):
                    return (200, Place(Find(name), JsonSerializer.Deserialize<PlaceRequest>(body, Shape)!));
                default:
                    throw ApiErrors.NotFound($"Unknown request URL: {method} {string.Join('/', path)}");
            }
        }
    }

    private Published Find(string name) => models.TryGetValue(name, out var found) ? found : throw ApiErrors.ModelNotFound(name);

    private byte[] Publish(byte[] body)
    {
        if (!ManifestValidator.TryParse(body, out var manifest, out var errors))
            throw ApiErrors.BadParameter(null, string.Join("; ", errors), "invalid_manifest");
        var missing = manifest.Stages.Where(s => !blobs.ContainsKey(s.Blob)).Select(s => s.Stage).ToList();
        if (missing.Count > 0)
            throw ApiErrors.BadParameter("stages", $"The shards are not all there: {string.Join(", ", missing)}.", "blob_missing");
        blobs[Digest.Of(body)] = body;
        models[manifest.Name] = new Published(Digest.Of(body), manifest);
        Publications.Add(manifest.Name);
        return View(models[manifest.Name]);
    }

    private byte[] Place(Published model, PlaceRequest request)
    {
        model.Placements = request.Placements!;
        model.Version++;
        Placements.Add(request.Placements!);
        return JsonSerializer.SerializeToUtf8Bytes(new PlaceAnswer(model.Version, null, model.Placements, []), Shape);
    }

    private static byte[] View(Published model)
    {
        var manifest = model.Manifest;
        var stages = manifest.Stages.Select(s => new StageView(s.Stage, s.Layers, s.Bytes,
            [.. model.Placements.Concat(model.Ready).Where(p => p.Stage == s.Stage).Distinct().Select(p =>
                new StageNodeView(p.Node, "host", model.Placements.Contains(p), model.Ready.Contains(p) ? "ready" : "missing", Live: true))])).ToList();
        return JsonSerializer.SerializeToUtf8Bytes(
            new ModelView(manifest.Name, model.Digest, DateTimeOffset.UnixEpoch, manifest.LayerCount, manifest.ContextLength, manifest.ParameterCount, model.Version, stages),
            Shape);
    }

    private sealed class Published(Digest digest, ModelManifest manifest)
    {
        public Digest Digest => digest;

        public ModelManifest Manifest => manifest;

        public IReadOnlyList<StagePlacement> Placements { get; set; } = [];

        public IReadOnlyList<StagePlacement> Ready { get; set; } = [];

        public long Version { get; set; }
    }
}
