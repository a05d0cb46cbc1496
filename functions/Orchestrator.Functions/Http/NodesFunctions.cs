using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Orchestrator.Functions.Http;

/// <summary>Nodes, their stake and what bonds are worth.</summary>
public sealed class NodesFunctions(HttpFunctions http)
{
    /// <summary>All nodes.</summary>
    [Function("listNodes")]
    public Task ListNodesAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/nodes")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("listNodes", request, client);

    /// <summary>One node.</summary>
    [Function("getNode")]
    public Task GetNodeAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/nodes/{id}")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("getNode", request, client);

    /// <summary>Whether a node is registered: 204, else 404. The gateway asks it before it gives blobs to a node.</summary>
    [Function("getRegistration")]
    public Task GetRegistrationAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/nodes/{id}/registration")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("getRegistration", request, client);

    /// <summary>Moves money of the node's host into its stake, once per event id; ?dry_run=true only tells what would happen.</summary>
    [Function("bondStake")]
    public Task BondStakeAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/nodes/{id}/stake/bond")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("bondStake", request, client);

    /// <summary>Starts the way out of bonded stake.</summary>
    [Function("unbondStake")]
    public Task UnbondStakeAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/nodes/{id}/stake/unbond")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("unbondStake", request, client);

    /// <summary>Pays out stake that has been unbonding for long enough.</summary>
    [Function("withdrawStake")]
    public Task WithdrawStakeAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/nodes/{id}/stake/withdraw")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("withdrawStake", request, client);

    /// <summary>Leaves the jail once its time has passed.</summary>
    [Function("releaseNode")]
    public Task ReleaseNodeAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/nodes/{id}/stake/release")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("releaseNode", request, client);

    /// <summary>The smallest bond at which no deviation pays.</summary>
    [Function("quoteBond")]
    public Task QuoteBondAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/economics/bond")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("quoteBond", request, client);
}
