using System.Net;
using System.Net.Http.Json;
using Dapr;
using Dapr.Client;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Orchestrator.Sidecar.Tests.Kit;

namespace Orchestrator.Sidecar.Tests.Conformance;

public sealed class TokenTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_need_the_apps_api_token_and_health_does_not()
    {
        await using var network = await Network.StartAsync();
        var app = await network.AddAppAsync("app", options: new AppOptions { AppId = "app", ApiToken = "secret" });
        await app.Client.SaveStateAsync("statestore", "k", 1, cancellationToken: Cancel);
        using var stranger = new DaprClientBuilder().UseGrpcEndpoint(app.Served.GrpcEndpoint.ToString()).UseHttpEndpoint(app.Served.HttpEndpoint.ToString()).UseDaprApiToken("wrong").Build();

        var error = await Should.ThrowAsync<DaprException>(() => stranger.GetStateAsync<int>("statestore", "k", cancellationToken: Cancel));

        error.InnerException.ShouldBeOfType<RpcException>().StatusCode.ShouldBe(StatusCode.Unauthenticated);
        (await app.Http.GetAsync("/v1.0/metadata", Cancel)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await app.Http.GetAsync("/v1.0/healthz", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await stranger.CheckHealthAsync(Cancel)).ShouldBeTrue();
        await stranger.WaitForSidecarAsync(Cancel);
    }

    [Fact]
    public async Task The_app_gets_its_own_token_with_every_delivery()
    {
        await using var network = await Network.StartAsync();
        var tokens = new Inbox<string>();
        var app = await network.AddAppAsync("app", web => web.MapPost("/t", (HttpRequest r) => tokens.Add(r.Headers["dapr-api-token"].ToString())).WithTopic("pubsub", "t"),
            options: new AppOptions { AppId = "app", AppApiToken = "for-the-app" });

        await app.Client.PublishEventAsync("pubsub", "t", 1, Cancel);

        (await tokens.FirstAsync()).ShouldBe("for-the-app");
    }

    [Fact]
    public async Task Invocation_passes_requests_and_answers_through()
    {
        await using var network = await Network.StartAsync();
        await network.AddAppAsync("callee", web => web.MapPost("/sum/{by}", (int by, [FromBody] int[] numbers, string? tag, HttpRequest r) =>
            Results.Json(new { sum = numbers.Sum() * by, tag, from = r.Headers["dapr-caller-app-id"].ToString() }, statusCode: 202)));
        var caller = await network.AddAppAsync("caller");

        var reply = await caller.Http.PostAsJsonAsync("/v1.0/invoke/callee/method/sum/2?tag=a%20b", new[] { 1, 2, 3 }, Cancel);

        reply.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await reply.Content.ReadAsStringAsync(Cancel)).ShouldBe("""{"sum":12,"tag":"a b","from":"caller"}""");
        (await caller.Http.GetAsync("/v1.0/invoke/nobody/method/x", Cancel)).StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
    }

    [Fact]
    public async Task The_SDKs_invocation_client_works()
    {
        await using var network = await Network.StartAsync();
        await network.AddAppAsync("callee", web => web.MapGet("/hello", () => "hi"));
        var caller = await network.AddAppAsync("caller");
        using var http = DaprClient.CreateInvokeHttpClient("callee", caller.Served.HttpEndpoint.ToString());

        (await http.GetStringAsync("/hello", Cancel)).ShouldBe("hi");
    }

    [Fact]
    public async Task Metadata_tells_components_and_subscriptions()
    {
        await using var network = await Network.StartAsync();
        var app = await network.AddAppAsync("app", web => web.MapPost("/t", ([FromBody] int n) => n).WithTopic("pubsub", "t"));

        var metadata = await app.Client.GetMetadataAsync(Cancel);

        metadata.Id.ShouldBe("app");
        metadata.Components.Select(c => c.Name).ShouldBe(["pubsub", "statestore"], ignoreOrder: true);
        (await app.Http.GetStringAsync("/v1.0/metadata", Cancel)).ShouldContain("\"topic\": \"t\"");
    }

    [Fact]
    public async Task Secrets_configuration_and_locks_answer_the_SDK()
    {
        var components = Yaml.Join(Yaml.Default,
            "kind: Component\nmetadata: { name: secrets }\nspec: { type: secretstores.local.file, metadata: [ { name: secretsFile, value: secrets.json } ] }",
            "kind: Component\nmetadata: { name: settings }\nspec: { type: configuration.redis }",
            "kind: Component\nmetadata: { name: locks }\nspec: { type: lock.redis }");
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        string folder = "";
        await using var network = await Network.StartAsync(components, o =>
        {
            folder = o.ComponentsDirectory;
            return o with { TimeProvider = time };
        });
        await File.WriteAllTextAsync(Path.Combine(folder, "secrets.json"), """{"redis":{"password":"pw"}}""", Cancel);
        await File.WriteAllTextAsync(Path.Combine(folder, "settings.json"), """{"level":3,"name":"x"}""", Cancel);
        var client = (await network.AddAppAsync("app")).Client;

        (await client.GetSecretAsync("secrets", "redis:password", cancellationToken: Cancel)).ShouldContainKeyAndValue("redis:password", "pw");
        (await client.GetBulkSecretAsync("secrets", cancellationToken: Cancel)).Count.ShouldBe(1);
        (await client.GetConfiguration("settings", ["level"], cancellationToken: Cancel)).Items["level"].Value.ShouldBe("3");
#pragma warning disable DAPR_DISTRIBUTEDLOCK
        (await client.Lock("locks", "r", "me", 60, Cancel)).Success.ShouldBeTrue();
        (await client.Lock("locks", "r", "you", 60, Cancel)).Success.ShouldBeFalse();
        (await client.Unlock("locks", "r", "you", Cancel)).status.ShouldBe(LockStatus.LockBelongsToOthers);
        time.Advance(TimeSpan.FromSeconds(61));
        (await client.Lock("locks", "r", "you", 60, Cancel)).Success.ShouldBeTrue();
        (await client.Unlock("locks", "r", "you", Cancel)).status.ShouldBe(LockStatus.Success);
#pragma warning restore DAPR_DISTRIBUTEDLOCK
    }
}
