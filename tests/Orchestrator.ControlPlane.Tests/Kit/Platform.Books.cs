using System.Text.Json;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests.Kit;

public sealed partial class Platform
{
    public Task<AccountStateView> AccountAsync(string account) => GetAsync<AccountStateView>($"/api/accounts/{account}");

    /// <summary>All money there is: what was granted, wherever it is now.</summary>
    public async Task<long> AllMoneyAsync()
    {
        long sum = 0;
        foreach (string account in (string[])["user", "other", "poor", "admin", "protocol", "refunds", .. Network.Nodes.Select(n => n.Host)])
        {
            var state = await AccountAsync(account);
            sum += state.Available + state.Held + state.InFlight;
        }

        return sum;
    }

    /// <summary>Waits until no job runs, then checks that money was neither made nor lost and nothing stays on hold or in flight.</summary>
    public async Task ShouldBalanceAsync()
    {
        await ShouldCloseAsync();
        (await AllMoneyAsync()).ShouldBe(3 * Granted + 10);
        foreach (string account in (string[])["user", "other", "poor", "admin"])
        {
            var state = await AccountAsync(account);
            state.Held.ShouldBe(0, account);
            state.InFlight.ShouldBe(0, account);
        }
    }

    /// <summary>Waits until no job runs, then checks that the books of all accounts and stakes close.</summary>
    public async Task ShouldCloseAsync()
    {
        // What has ended may have left others behind that began only after the list was read.
        while (await Workflows.ListAsync().Where(w => !w.IsFinished).ToListAsync() is { Count: > 0 } running)
        {
            foreach (var state in running)
                await Eventually.Gets(Workflows.WaitForCompletionAsync(state.InstanceId), () => state.CustomStatusJson ?? state.Status.ToString());
        }

        var balance = await GetAsync<JsonElement>("/api/ledger/balance");
        balance.GetProperty("closes").GetBoolean().ShouldBeTrue(balance.GetRawText());
    }
}

/// <summary>An account as the API shows it.</summary>
public sealed record AccountStateView(string Account, long Available, long Held, long InFlight);
