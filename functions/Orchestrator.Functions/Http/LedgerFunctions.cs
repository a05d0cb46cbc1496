using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Orchestrator.Functions.Http;

/// <summary>The books of the whole network.</summary>
public sealed class LedgerFunctions(HttpFunctions http)
{
    /// <summary>Whether all books close.</summary>
    [Function("getLedgerBalance")]
    public Task GetLedgerBalanceAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/ledger/balance")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("getLedgerBalance", request, client);

    /// <summary>Ends the suspense of a payout.</summary>
    [Function("resolveSuspense")]
    public Task ResolveSuspenseAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/ledger/suspense")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("resolveSuspense", request, client);
}
