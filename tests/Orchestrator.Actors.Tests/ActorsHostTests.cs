using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Actors.Host;
using Orchestrator.Sidecar;

namespace Orchestrator.Actors.Tests;

/// <summary>The actor host as it runs in a pod, behind a real sidecar; a caller with an app-id of its own.</summary>
public sealed class ActorsHostTests : IAsyncDisposable
{
    private const string Token = "app-token";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string folder = Directory.CreateTempSubdirectory("actors-host-").FullName;
    private SidecarHost? sidecar;
    private WebApplication? app;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_app_reaches_the_actors_through_the_sidecar_and_reads_the_rules_they_obey()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "rules.json"), """{ "liveness": { "missedHeartbeats": 9 } }""", Cancel);
        await StartAsync(("Actors:RulesFile", Path.Combine(folder, "rules.json")));
        var caller = await sidecar!.AddAppAsync(new AppOptions { AppId = "control-plane" }, Cancel);
        await using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(Settings(("DAPR_HTTP_ENDPOINT", caller.HttpEndpoint.ToString())))
            .AddOrchestratorActorProxies()
            .BuildServiceProvider();
        var catalog = services.GetRequiredService<Dapr.Actors.Client.IActorProxyFactory>().Catalog();

        await catalog.AddModelAsync("tiny");

        (await catalog.GetAsync()).Models.ShouldBe(["tiny"]);
        (await catalog.RulesAsync()).ShouldBe(NetworkRules.Parse("""{ "liveness": { "missedHeartbeats": 9 } }""").Fingerprint);
    }

    [Theory]
    [InlineData("/dapr/config", null)]
    [InlineData("/dapr/config", "wrong")]
    [InlineData("/actors/CatalogActor/catalog/method/GetAsync", "wrong")]
    [InlineData("/healthz/../dapr/config", null)]
    public async Task Whoever_has_not_the_sidecars_token_is_refused(string path, string? token)
    {
        await StartAsync();

        (await GetAsync(path, token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await GetAsync("/dapr/config", Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task It_is_ready_while_its_sidecar_answers_and_alive_without()
    {
        await StartAsync();
        (await GetAsync("/readyz", null)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await sidecar!.DisposeAsync();
        sidecar = null;

        var ready = await GetAsync("/readyz", null);
        ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        JsonNode.Parse(await ready.Content.ReadAsStringAsync(Cancel))!["status"]!.ToString().ShouldContain("no sidecar answers");
        (await GetAsync("/healthz", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public void Without_a_token_or_with_a_wrong_setting_it_does_not_start_and_says_everything()
    {
        var error = Should.Throw<InvalidOperationException>(() => ActorsHost.Build(c => c.AddConfiguration(Settings(("Actors:Port", "70000"), ("Actors:DrainTimeout", "00:00:00")))));

        error.Message.ShouldContain("APP_API_TOKEN");
        error.Message.ShouldContain("Actors:Port");
        error.Message.ShouldContain("Actors:DrainTimeout");
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
            await app.DisposeAsync();
        if (sidecar is not null)
            await sidecar.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private async Task StartAsync(params (string, string)[] settings)
    {
        var components = Directory.CreateDirectory(Path.Combine(folder, "components")).FullName;
        await File.WriteAllTextAsync(Path.Combine(components, "statestore.yaml"), """
            kind: Component
            metadata: { name: statestore }
            spec: { type: state.redis, version: v1, metadata: [ { name: actorStateStore, value: "true" } ] }
            """, Cancel);
        sidecar = await SidecarHost.StartAsync(new SidecarOptions { ComponentsDirectory = components }, Cancel);
        var ports = await sidecar.AddAppAsync(new AppOptions { AppId = "actors", AppApiToken = Token }, Cancel);
        (string, string)[] own = [("DAPR_HTTP_ENDPOINT", ports.HttpEndpoint.ToString()), ("APP_API_TOKEN", Token), ("Actors:Port", "0"), ("Actors:Loopback", "true")];
        app = ActorsHost.Build(c => c.AddConfiguration(Settings([.. own, .. settings])));
        await app.StartAsync(Cancel);
        sidecar.ConnectApp("actors", new Uri(app.Urls.First()));
        await sidecar.WhenReadyAsync("actors", Cancel).WaitAsync(Patience, Cancel);
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string? token)
    {
        using var client = new HttpClient { BaseAddress = new Uri(app!.Urls.First()) };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (token is not null)
            request.Headers.Add("dapr-api-token", token);
        return await client.SendAsync(request, Cancel);
    }

    private static IConfiguration Settings(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)))
        .Build();
}
