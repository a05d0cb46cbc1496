using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Durable;

/// <summary>One version of one workflow. Neutral of engines: an adapter enumerates these from the container and hosts each its own way.</summary>
/// <param name="Name">Name that callers use.</param>
/// <param name="Version">Version that instances are pinned to.</param>
/// <param name="Run">Runs a fresh instance of the code on JSON input and gives JSON output.</param>
public sealed record WorkflowRegistration(string Name, string Version, WorkflowInvoker Run);

/// <summary>One activity.</summary>
/// <param name="Name">Name that workflows call.</param>
/// <param name="Run">Runs a fresh instance of the code on JSON input and gives JSON output.</param>
public sealed record ActivityRegistration(string Name, ActivityInvoker Run);

/// <summary>Runs workflow code, JSON in and out.</summary>
public delegate Task<string> WorkflowInvoker(IServiceProvider services, IWorkflowContext context, string? inputJson, JsonSerializerOptions json);

/// <summary>Runs activity code, JSON in and out.</summary>
public delegate Task<string> ActivityInvoker(IServiceProvider services, ActivityContext context, string? inputJson, JsonSerializerOptions json);

static class Invokers
{
    public static WorkflowInvoker Workflow<TWorkflow, TInput, TOutput>() where TWorkflow : class, IWorkflow<TInput, TOutput> =>
        (services, context, input, json) =>
            Workflow<TInput, TOutput>(ActivatorUtilities.GetServiceOrCreateInstance<TWorkflow>(services).RunAsync)(services, context, input, json);

    public static WorkflowInvoker Workflow<TInput, TOutput>(Func<IWorkflowContext, TInput, Task<TOutput>> run) =>
        async (_, context, input, json) =>
            JsonSerializer.Serialize(await run(context, Read<TInput>(input, json)), json);

    public static ActivityInvoker Activity<TActivity, TInput, TOutput>() where TActivity : class, IActivity<TInput, TOutput> =>
        async (services, context, input, json) =>
        {
            await using var scope = services.CreateAsyncScope();
            var activity = ActivatorUtilities.GetServiceOrCreateInstance<TActivity>(scope.ServiceProvider);
            return await Activity<TInput, TOutput>(activity.RunAsync)(services, context, input, json);
        };

    public static ActivityInvoker Activity<TInput, TOutput>(Func<ActivityContext, TInput, Task<TOutput>> run) =>
        async (_, context, input, json) =>
            JsonSerializer.Serialize(await run(context, Read<TInput>(input, json)), json);

    static T Read<T>(string? input, JsonSerializerOptions json) =>
        input is null or "null" ? default! : JsonSerializer.Deserialize<T>(input, json)!;
}
