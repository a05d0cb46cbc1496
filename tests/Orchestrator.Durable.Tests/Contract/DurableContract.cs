using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Durable.Tests.Harness;

namespace Orchestrator.Durable.Tests.Contract;

/// <summary>
/// What every engine behind <see cref="IWorkflowContext"/> and <see cref="IWorkflowClient"/> must do. It is written against the ports alone;
/// an adapter runs it by saying how to start a host.
/// </summary>
public abstract partial class DurableContract
{
    protected Marks Marks { get; } = new();

    protected abstract Task<ContractHost> StartAsync(Action<IServiceCollection, ContractHost> register);

    Task<ContractHost> HostAsync(Action<IServiceCollection> register) =>
        StartAsync((services, host) => register(services.AddCommonActivities(host, Marks)));

    Task<ContractHost> HostAsync<TIn, TOut>(Func<IWorkflowContext, TIn, Task<TOut>> workflow) =>
        HostAsync(services => services.AddWorkflow("w", workflow));

    static T Output<T>(WorkflowState state)
    {
        state.Status.ShouldBe(WorkflowStatus.Completed, state.Failure?.ToString());
        return state.ReadOutput<T>()!;
    }

    protected sealed record Order(string Item, int Count, string[] Tags);
}
