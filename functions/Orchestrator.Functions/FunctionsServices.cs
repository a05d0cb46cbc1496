using Microsoft.Extensions.DependencyInjection;
using Orchestrator.ControlPlane;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Messages;
using Orchestrator.Functions.Activities;
using Orchestrator.Functions.Durable;
using Orchestrator.Functions.Http;
using Orchestrator.Functions.Messages;
using Orchestrator.Functions.Workflows;

namespace Orchestrator.Functions;

/// <summary>Registers what the functions use.</summary>
public static class FunctionsServices
{
    /// <summary>The control plane on Durable Functions.</summary>
    public static IServiceCollection AddControlPlaneFunctions(this IServiceCollection services, ControlPlaneOptions options)
    {
        services.AddControlPlane(options);
        services.AddDurableFunctionsEngine();
        services.AddSingleton(provider => new HttpFunctions(
            provider.GetRequiredService<ApiPipeline>(), provider.GetRequiredService<ApiRoutes>(), provider.GetRequiredService<DurableClientSource>()));
        services.AddSingleton(provider => new TopicFunctionRunner(
            provider.GetRequiredService<TopicEndpoint>(), provider.GetRequiredService<TopicRoutes>(), provider.GetRequiredService<DurableClientSource>()));
        services.AddSingleton(provider => new WorkflowRunner(provider.GetRequiredService<DurableParts>()));
        services.AddSingleton(provider => new ActivityFunctions(
            provider.GetRequiredService<ActivityRunner>(), provider.GetRequiredService<DurableClientSource>()));
        return services;
    }
}
