using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.ControlPlane;
using Orchestrator.ControlPlane.Messages;
using Orchestrator.Durable;
using Orchestrator.Functions.Http;

namespace Orchestrator.Functions.Tests;

/// <summary>What the control plane has and what the app exposes are the same, in both directions.</summary>
public sealed class FunctionTableTests : IDisposable
{
    private static readonly string[] OfTheHost = ["GET dapr/subscribe", "GET dapr/config"];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("functions-");
    private readonly ServiceProvider services;

    public FunctionTableTests()
    {
        string keys = Path.Combine(folder.FullName, "keys.json");
        File.WriteAllText(keys, $$"""{"keys":[{"sha256":"{{new string('a', 64)}}","account":"user","role":"user"}]}""");
        var collection = WebApplication.CreateSlimBuilder().Services;
        collection.AddControlPlaneFunctions(new ControlPlaneOptions
        {
            ApiKeysFile = keys,
            PlatformKeyFile = Path.Combine(folder.FullName, "platform.key"),
            BlobFolder = folder.FullName,
        });
        services = collection.BuildServiceProvider();
    }

    [Fact]
    public void Every_workflow_has_a_function_and_every_orchestrator_a_workflow() =>
        Functions<OrchestrationTriggerAttribute>().Select(f => f.Name)
            .ShouldBe(services.GetServices<WorkflowRegistration>().Select(w => w.Name).Distinct(), ignoreOrder: true);

    [Fact]
    public void Every_activity_has_a_function_and_every_activity_function_an_activity() =>
        Functions<ActivityTriggerAttribute>().Select(f => f.Name)
            .ShouldBe(services.GetServices<ActivityRegistration>().Select(a => a.Name), ignoreOrder: true);

    [Fact]
    public void Every_route_and_topic_has_a_function_and_every_http_function_a_route()
    {
        var known = services.GetRequiredService<ApiRoutes>().All.Select(r => $"{r.Method} {r.Pattern}")
            .Concat(services.GetRequiredService<TopicRoutes>().All.Select(t => $"POST {t.Pattern}"))
            .Concat(OfTheHost);

        HttpTriggers().Where(t => !t.Trigger.Route!.Contains("{*rest}"))
            .Select(t => $"{t.Trigger.Methods!.Single().ToUpperInvariant()} {(t.Trigger.Route == HttpFunctions.RootRoute ? "" : t.Trigger.Route)}")
            .ShouldBe(known, ignoreOrder: true);
        HttpTriggers().Where(t => t.Trigger.Route!.Contains("{*rest}")).Select(t => t.Trigger.Route).ShouldBe(["v1/{*rest}", "api/{*rest}"], ignoreOrder: true);
    }

    [Fact]
    public void Functions_are_named_after_their_routes()
    {
        var byPattern = HttpTriggers().ToLookup(t => (t.Trigger.Methods![0].ToUpperInvariant(), t.Trigger.Route), t => t.Name);

        foreach (var route in services.GetRequiredService<ApiRoutes>().All)
            byPattern[(route.Method, route.Pattern.Length == 0 ? HttpFunctions.RootRoute : route.Pattern)].ShouldBe([route.Name]);
    }

    [Fact]
    public void Nothing_asks_for_keys_of_the_functions_host() => HttpTriggers().ShouldAllBe(t => t.Trigger.AuthLevel == AuthorizationLevel.Anonymous);

    [Fact]
    public void Names_are_such_as_the_functions_host_takes()
    {
        var names = All().Select(f => f.Name).ToList();

        names.ShouldAllBe(n => n.Length < 128 && char.IsAsciiLetter(n[0]) && n.All(c => char.IsAsciiLetterOrDigit(c) || c == '-' || c == '_'));
        names.Distinct(StringComparer.OrdinalIgnoreCase).Count().ShouldBe(names.Count);
    }

    [Fact]
    public void Function_classes_can_be_made_from_the_container()
    {
        services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(HttpFunctions)).ShouldBeTrue();
        foreach (var type in All().Select(f => f.Method.DeclaringType!).Distinct())
        {
            foreach (var parameter in type.GetConstructors().Single().GetParameters())
                services.GetRequiredService<IServiceProviderIsService>().IsService(parameter.ParameterType).ShouldBeTrue($"{type.Name} needs {parameter.ParameterType.Name}.");
        }
    }

    [Fact]
    public void Orchestrators_bind_nothing_but_their_context() =>
        Functions<OrchestrationTriggerAttribute>().ShouldAllBe(f => f.Method.GetParameters().Single().ParameterType == typeof(TaskOrchestrationContext));

    [Fact]
    public async Task The_list_of_subscriptions_is_that_of_the_topics()
    {
        var topics = services.GetRequiredService<TopicRoutes>();
        var http = new DefaultHttpContext();
        using var body = new MemoryStream();
        http.Response.Body = body;

        await topics.WriteSubscriptionsAsync(http.Response);

        using var list = JsonDocument.Parse(body.ToArray());
        list.RootElement.EnumerateArray().Select(s => $"{s.GetProperty("pubsubName")} {s.GetProperty("topic")} {s.GetProperty("route")} {s.GetProperty("deadLetterTopic")}")
            .ShouldBe(topics.All.Select(t => $"pubsub {t.Topic} {t.Pattern} {t.Topic}.dead"));
    }

    public void Dispose()
    {
        services.Dispose();
        folder.Delete(recursive: true);
    }

    private static IEnumerable<(string Name, MethodInfo Method)> All() =>
        from type in typeof(HttpFunctions).Assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        let function = method.GetCustomAttribute<FunctionAttribute>()
        where function is not null
        select (function.Name, method);

    private static IEnumerable<(string Name, MethodInfo Method)> Functions<TTrigger>() where TTrigger : Attribute =>
        All().Where(f => f.Method.GetParameters().Any(p => p.IsDefined(typeof(TTrigger))));

    private static IEnumerable<(string Name, HttpTriggerAttribute Trigger)> HttpTriggers() =>
        from f in Functions<HttpTriggerAttribute>()
        select (f.Name, f.Method.GetParameters().Select(p => p.GetCustomAttribute<HttpTriggerAttribute>()).First(t => t is not null)!);
}
