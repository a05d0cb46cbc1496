using Orchestrator.Actors.Tests.Kit;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ledger;
using Orchestrator.Core.Stake;
using Orchestrator.Sidecar.Faults;

namespace Orchestrator.Actors.Tests;

public sealed class LedgerIndexTests
{
    [Fact]
    public async Task Accounts_and_stakes_are_listed_once_over_restarts_repeats_and_faults()
    {
        await using var network = await ActorNetwork.StartAsync(new FaultOptions { Rebalance = 0.2, Unavailable = 0.1 }, seed: 5);
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 20; i++)
                await network.Persist(() => network.Actors.Account($"a{i}").CreditAsync(new Credit("grant", 10, "", network.Now)));
            await network.Persist(() => network.Actors.Stake(Given.NodeOf("n")).BondAsync(new Bond("b", "a0", 5, network.Now)));
            await network.Sidecar.DeactivateActorsAsync();
        }

        network.Sidecar.Faults = new FaultOptions();
        var listed = await Task.WhenAll(Enumerable.Range(0, LedgerIndex.Parts).Select(part => network.Actors.LedgerIndex(part).GetAsync()));
        listed.SelectMany(b => b).Order().ShouldBe(
            Enumerable.Range(0, 20).Select(i => LedgerAccounts.Account($"a{i}")).Append(LedgerAccounts.Bonded(Given.NodeOf("n"))).Order());
        (await network.Actors.Account("nobody").GetAsync()).Available.ShouldBe(0);
        (await network.Actors.LedgerIndex(LedgerIndex.PartOf("account:nobody")).GetAsync()).ShouldNotContain("account:nobody", "who only looks opens nothing");
    }

    [Fact]
    public async Task A_stakes_payout_that_comes_too_late_goes_into_suspense_and_can_be_paid_again()
    {
        await using var network = await ActorNetwork.StartAsync();
        var stake = network.Actors.Stake(Given.NodeOf("n"));
        var host = network.Actors.Account("host-a");
        await stake.BondAsync(new Bond("b", "host-a", 1_000, network.Now));
        await stake.UnbondAsync(new Unbond("u", 400, network.Now));
        network.Time.Advance(TimeSpan.FromDays(7));
        // The host's window has passed the payout by before it is delivered.
        var later = network.Now + RecentEvents.Retention + TimeSpan.FromHours(2);
        await network.StoreBookAsync("host-a", AccountBook.Empty.Apply(new Credit("grant", 1, "", later), later).Book);
        await stake.WithdrawAsync(new Withdraw("w", network.Now));

        await stake.FlushAsync();

        var query = new StatementQuery(network.Now, []);
        (await stake.StatementAsync(query))!.Suspense.ShouldHaveSingleItem().ShouldSatisfyAllConditions(s => s.Id.ShouldBe("w"), s => s.To.ShouldBe("account:host-a"), s => s.Amount.ShouldBe(400));
        await stake.ResolveSuspenseAsync(new SuspenseDecision("w", SuspenseEnd.Repay));
        await stake.FlushAsync();
        await stake.FlushAsync();
        (await host.GetAsync()).Available.ShouldBe(1, "the window has passed the second try by too");
        network.Time.Advance(RecentEvents.Retention + TimeSpan.FromHours(3));
        await stake.ResolveSuspenseAsync(new SuspenseDecision(LedgerSide.Again("w"), SuspenseEnd.Repay));
        await stake.FlushAsync();
        (await host.GetAsync()).Available.ShouldBe(401);
        (await stake.StatementAsync(query))!.ShouldSatisfyAllConditions(s => s.Suspense.ShouldBeEmpty(), s => s.Pending.ShouldBeEmpty(), s => s.Balances[LedgerClass.Stake].ShouldBe(600));
    }
}
