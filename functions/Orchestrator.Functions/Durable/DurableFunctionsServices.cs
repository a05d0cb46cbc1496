using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orchestrator.Durable;

namespace Orchestrator.Functions.Durable;

/// <summary>Registers the adapter.</summary>
internal static class DurableFunctionsServices
{
    /// <summary>Adds what runs registered workflows and activities as Durable Functions, and the <see cref="IWorkflowClient"/> over them.</summary>
    public static IServiceCollection AddDurableFunctionsEngine(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<DurableClientSource>();
        services.AddSingleton(provider => new DurableParts(
            provider.GetServices<WorkflowRegistration>(), provider.GetServices<ActivityRegistration>(), provider, new DurableEngineOptions(),
            provider.GetService<ILoggerFactory>() ?? Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance,
            provider.GetRequiredService<DurableClientSource>()));
        services.AddSingleton<ActivityRunner>();
        services.AddSingleton<LargeStatuses>();
        services.AddSingleton<IWorkflowClient, DurableWorkflowClient>();
        return services.AddActivity<ClaimChildActivity>(ClaimChildActivity.Name).AddActivity<KeepStatusActivity>(KeepStatusActivity.Name);
    }
}
