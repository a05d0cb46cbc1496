using Orchestrator.Actors;
using Orchestrator.ControlPlane.Http;
using Orchestrator.Core.Ledger;

namespace Orchestrator.ControlPlane.Ledger;

/// <summary>The books of the whole network over HTTP, for admins.</summary>
public sealed class LedgerHandlers(LedgerDesk ledger, TimeProvider time) : IDisposable
{
    private const int MaxIdLength = 256;

    // One at a time: a reading asks every book.
    private readonly SemaphoreSlim turn = new(1);

    /// <summary><c>GET /api/ledger/balance</c>: reads every book.</summary>
    public async Task BalanceAsync(ApiCall call)
    {
        await turn.WaitAsync(call.Aborted);
        try
        {
            await call.WriteAsync(LedgerBalanceView.Of(await ledger.DrawAsync(call.Aborted), time.GetUtcNow()), ControlPlaneJson.Default.LedgerBalanceView);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary><c>POST /api/ledger/suspense</c>: ends the suspense of a payout.</summary>
    public async Task ResolveAsync(ApiCall call)
    {
        var request = await call.ReadAsync(ControlPlaneJson.Default.SuspenseRequest);
        if (request.Id is not { Length: > 0 and <= MaxIdLength })
            throw ApiErrors.BadParameter("id", $"'id' must have 1 to {MaxIdLength} characters.");
        bool stake = request.From is { } from && LedgerAccounts.TryStake(from) is not null;
        if (!stake && (request.From is null || LedgerAccounts.TryAccount(request.From) is not { Length: > 0 and <= MaxIdLength }))
            throw ApiErrors.BadParameter("from", "'from' must name a book, such as 'account:acme' or 'stake:<node>', as GET /api/ledger/balance does.");
        if (stake && request.End == SuspenseEnd.Return)
            throw ApiErrors.BadParameter("end", "What left a stake does not go back into it. Use 'write_off' or 'repay'.");
        if (!await ledger.ResolveAsync(request.From!, new SuspenseDecision(request.Id, request.End), call.Aborted))
            throw ApiErrors.NotFound("There is no such payout in suspense. GET /api/ledger/balance lists them.");
        await BalanceAsync(call);
    }

    /// <inheritdoc />
    public void Dispose() => turn.Dispose();
}
