using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Durable.Tests.Contract;
using Orchestrator.Durable.Tests.Harness;

namespace Orchestrator.Durable.Tests;

public sealed class The_embedded_engine : DurableContract
{
    protected override async Task<ContractHost> StartAsync(Action<IServiceCollection, ContractHost> register) =>
        await EmbeddedHost.StartAsync(register);
}

public sealed class The_embedded_engine_evicting_after_every_event : DurableContract
{
    protected override async Task<ContractHost> StartAsync(Action<IServiceCollection, ContractHost> register) =>
        await EmbeddedHost.StartAsync(register, configure: o => o.EvictAfterEveryEvent = true);
}

public sealed class The_embedded_engine_delivering_everything_twice : DurableContract
{
    protected override async Task<ContractHost> StartAsync(Action<IServiceCollection, ContractHost> register) =>
        await EmbeddedHost.StartAsync(register, new Duplicates());
}

public sealed class The_embedded_engine_crashing_at_random : DurableContract
{
    protected override async Task<ContractHost> StartAsync(Action<IServiceCollection, ContractHost> register) =>
        await EmbeddedHost.StartAsync(register, new RandomFaults(seed: 7, crash: 0.1, duplicate: 0.2));
}
