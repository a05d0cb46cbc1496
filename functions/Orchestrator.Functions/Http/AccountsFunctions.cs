using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Orchestrator.Functions.Http;

/// <summary>Accounts and the key that webhooks are signed with.</summary>
public sealed class AccountsFunctions(HttpFunctions http)
{
    /// <summary>The caller's account.</summary>
    [Function("getAccount")]
    public Task GetAccountAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/account")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("getAccount", request, client);

    /// <summary>Any account.</summary>
    [Function("getAnyAccount")]
    public Task GetAnyAccountAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/accounts/{id}")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("getAnyAccount", request, client);

    /// <summary>Adds money to an account, once per event id.</summary>
    [Function("creditAccount")]
    public Task CreditAccountAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/accounts/{id}/credit")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("creditAccount", request, client);

    /// <summary>The key that webhooks are signed with.</summary>
    [Function("getWebhookKey")]
    public Task GetWebhookKeyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/webhooks/key")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("getWebhookKey", request, client);
}
