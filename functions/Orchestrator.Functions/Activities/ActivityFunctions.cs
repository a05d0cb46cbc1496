using System.Text.Json;
using Microsoft.DurableTask.Client;
using Orchestrator.Functions.Durable;

namespace Orchestrator.Functions.Activities;

/// <summary>What every activity function does.</summary>
public sealed class ActivityFunctions
{
    private readonly ActivityRunner runner;
    private readonly DurableClientSource clients;

    internal ActivityFunctions(ActivityRunner runner, DurableClientSource clients) => (this.runner, this.clients) = (runner, clients);

    /// <summary>Runs the registered activity of this name.</summary>
    public Task<JsonElement> RunAsync(string name, JsonElement input, DurableTaskClient client, CancellationToken stopping)
    {
        clients.Offer(client);
        return runner.RunAsync(name, input, stopping);
    }
}
