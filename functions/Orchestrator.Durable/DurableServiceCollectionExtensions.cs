using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Durable.Engine;

namespace Orchestrator.Durable;

/// <summary>Registers workflows and activities (for any engine) and the embedded engine.</summary>
public static class DurableServiceCollectionExtensions
{
    /// <summary>Registers a class that implements <see cref="IWorkflow{TInput,TOutput}"/> once.</summary>
    /// <param name="version">Register several versions side by side while instances of the older ones are in flight.</param>
    public static IServiceCollection AddWorkflow<TWorkflow>(this IServiceCollection services, string name, string version = "1")
        where TWorkflow : class =>
        services.AddSingleton(new WorkflowRegistration(
            name, version, Bind<WorkflowInvoker>(nameof(Invokers.Workflow), typeof(TWorkflow), typeof(IWorkflow<,>))));

    /// <summary>Registers a function as a workflow.</summary>
    public static IServiceCollection AddWorkflow<TInput, TOutput>(
        this IServiceCollection services, string name, Func<IWorkflowContext, TInput, Task<TOutput>> run, string version = "1") =>
        services.AddSingleton(new WorkflowRegistration(name, version, Invokers.Workflow(run)));

    /// <summary>Registers a class that implements <see cref="IActivity{TInput,TOutput}"/> once; it is made anew, in its own scope, for each run.</summary>
    public static IServiceCollection AddActivity<TActivity>(this IServiceCollection services, string name) where TActivity : class =>
        services.AddSingleton(new ActivityRegistration(
            name, Bind<ActivityInvoker>(nameof(Invokers.Activity), typeof(TActivity), typeof(IActivity<,>))));

    /// <summary>Registers a function as an activity.</summary>
    public static IServiceCollection AddActivity<TInput, TOutput>(
        this IServiceCollection services, string name, Func<ActivityContext, TInput, Task<TOutput>> run) =>
        services.AddSingleton(new ActivityRegistration(name, Invokers.Activity(run)));

    /// <summary>Adds the embedded engine and its <see cref="IWorkflowClient"/>; it starts and stops with the host.</summary>
    public static IServiceCollection AddDurableEngine(this IServiceCollection services, Action<DurableEngineOptions> configure)
    {
        services.AddSingleton(provider =>
        {
            var options = new DurableEngineOptions();
            configure(options);
            return new DurableEngine(
                options,
                provider.GetServices<WorkflowRegistration>(),
                provider.GetServices<ActivityRegistration>(),
                provider,
                provider.GetService<TimeProvider>(),
                provider.GetService<ILoggerFactory>());
        });
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<DurableEngine>());
        return services.AddSingleton(provider => provider.GetRequiredService<DurableEngine>().Client);
    }

    static T Bind<T>(string method, Type implementation, Type port) where T : Delegate
    {
        var ports = implementation.GetInterfaces().Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == port).ToArray();
        if (ports.Length != 1)
        {
            throw new ArgumentException(
                $"{implementation.Name} implements {ports.Length} interfaces {port.Name}; implement exactly one, or register a function.");
        }
        var open = typeof(Invokers).GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Single(m => m.Name == method && m.GetGenericArguments().Length == 3);
        return (T)open.MakeGenericMethod([implementation, .. ports[0].GetGenericArguments()]).Invoke(null, null)!;
    }
}
