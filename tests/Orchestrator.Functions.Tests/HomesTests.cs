using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.ControlPlane;
using Orchestrator.ControlPlane.Messages;
using Orchestrator.Functions.Http;
using Orchestrator.Functions.Messages;
using Orchestrator.Functions.Tests.Harness;

namespace Orchestrator.Functions.Tests;

/// <summary>Kestrel and the Functions host answer alike, also what is made from their tables instead of by a handler.</summary>
public sealed class HomesTests : IAsyncDisposable
{
    private const string Description = "/openapi/v1.json";
    private const string Subscriptions = "/dapr/subscribe";

    private readonly Homes homes = new();

    [Fact]
    public async Task The_description_lists_every_route_in_both_homes()
    {
        var routes = homes.Services.GetRequiredService<ApiRoutes>().All.Select(r => $"{r.Method} /{r.Pattern} {r.Name}").ToList();

        Operations(await homes.KestrelAsync(Description)).ShouldBe(routes, ignoreOrder: true);
        Operations(await FunctionsDescriptionAsync()).ShouldBe(routes, ignoreOrder: true);
    }

    [Fact]
    public async Task The_description_is_the_same_in_both_homes() =>
        (await FunctionsDescriptionAsync()).Body.ShouldBe((await homes.KestrelAsync(Description)).Body);

    [Fact]
    public async Task The_sidecar_gets_the_same_subscriptions_in_both_homes()
    {
        var kestrel = Members(await homes.KestrelAsync(Subscriptions, Homes.SidecarToken));
        var functions = Members(await homes.FunctionAsync<TopicFunctions>(Subscriptions, (f, request, client) => f.SubscribeAsync(request, client), Homes.SidecarToken));

        functions.ShouldBe(kestrel, ignoreOrder: true);
        functions.Count.ShouldBe(homes.Services.GetRequiredService<TopicRoutes>().All.Count);
    }

    [Theory]
    [InlineData(null, 401)]
    [InlineData("", 401)]
    [InlineData("another-token", 401)]
    [InlineData(Homes.SidecarToken, 200)]
    public async Task Only_the_sidecar_is_told_of_topics_and_actors(string? token, int status)
    {
        var subscriptions = await homes.FunctionAsync<TopicFunctions>(Subscriptions, (f, request, client) => f.SubscribeAsync(request, client), token);
        var actors = await homes.FunctionAsync<TopicFunctions>("/dapr/config", (f, request, _) => f.ConfigAsync(request), token);

        subscriptions.Status.ShouldBe(status);
        actors.Status.ShouldBe(status);
        (subscriptions.Body.Length > 0).ShouldBe(status == 200);
        actors.Body.ShouldBe(status == 200 ? """{"entities":[]}""" : "");
    }

    public ValueTask DisposeAsync() => homes.DisposeAsync();

    private Task<Answer> FunctionsDescriptionAsync() => homes.FunctionAsync<ServiceFunctions>(Description, (f, request, client) => f.GetOpenApiAsync(request, client));

    private static List<string> Operations(Answer answer) =>
    [
        .. from path in answer.Json.GetProperty("paths").EnumerateObject()
           from operation in path.Value.EnumerateObject()
           select $"{operation.Name.ToUpperInvariant()} {path.Name} {operation.Value.GetProperty("operationId").GetString()}",
    ];

    /// <summary>Every subscription as its members that say anything, in one order.</summary>
    private static List<string> Members(Answer answer) =>
    [
        .. answer.Json.EnumerateArray().Select(s => string.Join(", ", s.EnumerateObject()
            .Where(m => m.Value.ValueKind != JsonValueKind.Null).Select(m => $"{m.Name}={m.Value.GetRawText()}").Order(StringComparer.Ordinal))),
    ];
}
