using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.ControlPlane.Http;
using Orchestrator.Core.Accounts;

namespace Orchestrator.ControlPlane.Accounts;

/// <summary>Accounts over HTTP.</summary>
public sealed class AccountHandlers(IActorProxyFactory actors, TimeProvider time)
{
    private const int MaxIdLength = 128;

    // All that ever came into an account must fit 64 bits; with this bound on what it holds, no run of grants gets there by accident.
    private const long MaxBalance = long.MaxValue / 1024;

    /// <summary><c>GET /api/account</c>: the caller's own.</summary>
    public Task GetOwnAsync(ApiCall call) => WriteAsync(call, call.Caller.Account);

    /// <summary><c>GET /api/accounts/{id}</c>: any account, for admins.</summary>
    public Task GetAsync(ApiCall call) => WriteAsync(call, Id(call));

    /// <summary><c>POST /api/accounts/{id}/credit</c>.</summary>
    public async Task CreditAsync(ApiCall call)
    {
        string account = Id(call);
        var request = await call.ReadAsync(ControlPlaneJson.Default.CreditRequest);
        if (request.EventId is not { Length: > 0 and <= MaxIdLength })
            throw ApiErrors.BadParameter("event_id", $"'event_id' must have 1 to {MaxIdLength} characters.");
        if (request.Amount <= 0)
            throw ApiErrors.BadParameter("amount", "'amount' must be above 0.");
        if (request.Reason is { Length: > 256 })
            throw ApiErrors.BadParameter("reason", "'reason' may have at most 256 characters.");
        var now = time.GetUtcNow();
        if (request.IssuedAt > now + TimeSpan.FromMinutes(5))
            throw ApiErrors.BadParameter("issued_at", "'issued_at' lies in the future.");
        // A prefix keeps grants apart from payouts, whose ids the platform makes.
        var books = await actors.Account(account).GetAsync();
        if ((Int128)books.Available + books.Held + books.InFlight + request.Amount > MaxBalance)
            throw ApiErrors.BadParameter("amount", $"'amount' is too much: an account holds at most {MaxBalance} micro-credits.");
        var credited = await actors.Account(account).CreditAsync(
            new Credit($"grant:{request.EventId}", request.Amount, request.Reason ?? "grant", request.IssuedAt ?? now));
        if (credited.Status == CreditStatus.TooOld)
            throw ApiErrors.BadParameter("issued_at", "This grant was issued so long ago that it cannot be told whether it was made. Use a new event id.");
        await call.WriteAsync(View(credited.Account), ControlPlaneJson.Default.AccountView);
    }

    private async Task WriteAsync(ApiCall call, string account) =>
        await call.WriteAsync(View(await actors.Account(account).GetAsync()), ControlPlaneJson.Default.AccountView);

    private static string Id(ApiCall call)
    {
        string id = call.Route("id");
        return id.Length is > 0 and <= 63 && id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            ? id
            : throw ApiErrors.NotFound("There is no such account: ids are 1 to 63 of [a-z0-9-].");
    }

    private static AccountView View(AccountState state) => new(state.Account, state.Available, state.Held, state.InFlight);
}
