using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Durable.Tests.Contract;
using Orchestrator.Durable.Tests.Harness;
using Orchestrator.Functions.Tests.Harness;

namespace Orchestrator.Functions.Tests;

public sealed class The_adapter_for_Durable_Functions : DurableContract
{
    protected override Task<ContractHost> StartAsync(Action<IServiceCollection, ContractHost> register) =>
        Task.FromResult<ContractHost>(new AdapterHost(register, new HubBehavior()));
}

public sealed class The_adapter_replaying_for_every_single_event : DurableContract
{
    protected override Task<ContractHost> StartAsync(Action<IServiceCollection, ContractHost> register) =>
        Task.FromResult<ContractHost>(new AdapterHost(register, new HubBehavior(OneEventPerTurn: true)));
}

public sealed class The_adapter_when_everything_comes_twice : DurableContract
{
    protected override Task<ContractHost> StartAsync(Action<IServiceCollection, ContractHost> register) =>
        Task.FromResult<ContractHost>(new AdapterHost(register, new HubBehavior(Copies: 2)));
}
