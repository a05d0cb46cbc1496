using Orchestrator.Actors.Tests.Kit;
using Orchestrator.Core.Accounts;
using Orchestrator.Sidecar.Faults;

namespace Orchestrator.Actors.Tests;

public sealed class AccountActorTests
{
    [Fact]
    public async Task A_job_is_held_settled_credited_and_confirmed()
    {
        await using var network = await ActorNetwork.StartAsync();
        var (payer, host) = (network.Actors.Account("dev"), network.Actors.Account("host-a"));

        (await payer.CreditAsync(new Credit("top-1", 1000, "top-up", network.Now))).ShouldBe(new CreditResult(CreditStatus.Applied, new AccountState("dev", 1000, 0, 0, 1)));
        (await payer.HoldAsync(new Hold("job-1", 300, network.Now.AddMinutes(5)))).ShouldBe(new HoldResult(HoldStatus.Held, 700));
        var settled = await payer.SettleAsync(new Settlement("job-1", [new Payout("payout:job-1:host-a", "host-a", 250)], network.Now));

        settled.Status.ShouldBe(SettleStatus.Settled);
        settled.Refunded.ShouldBe(50);
        var payout = settled.Payouts.ShouldHaveSingleItem();
        await host.CreditAsync(new Credit(payout.EventId, payout.Amount, "job-1", settled.IssuedAt));
        await payer.ConfirmPayoutsAsync([payout.EventId]);

        (await payer.GetAsync()).ShouldSatisfyAllConditions(s => s.Available.ShouldBe(750), s => s.Held.ShouldBe(0), s => s.InFlight.ShouldBe(0));
        (await host.GetAsync()).Available.ShouldBe(250);
    }

    [Fact]
    public async Task The_books_survive_a_rebalance_and_still_know_every_event()
    {
        await using var network = await ActorNetwork.StartAsync();
        var payer = network.Actors.Account("dev");
        var (credit, hold) = (new Credit("top-1", 1000, "top-up", network.Now), new Hold("job-1", 300, network.Now.AddMinutes(5)));
        await payer.CreditAsync(credit);
        await payer.HoldAsync(hold);

        await network.Sidecar.DeactivateActorsAsync();

        (await payer.CreditAsync(credit)).Status.ShouldBe(CreditStatus.Duplicate);
        (await payer.HoldAsync(hold)).Accepted.ShouldBeTrue();
        (await payer.GetAsync()).ShouldBe(new AccountState("dev", 700, 300, 0, 2));
    }

    [Fact]
    public async Task A_refused_command_reaches_the_caller_and_leaves_the_books_alone()
    {
        await using var network = await ActorNetwork.StartAsync();
        var payer = network.Actors.Account("dev");
        await payer.CreditAsync(new Credit("top-1", long.MaxValue, "top-up", network.Now));

        var error = await Should.ThrowAsync<Exception>(() => payer.CreditAsync(new Credit("top-2", 1, "top-up", network.Now)));

        error.ToString().ShouldContain("OverflowException");
        (await payer.GetAsync()).ShouldBe(new AccountState("dev", long.MaxValue, 0, 0, 1));
    }

    [Fact]
    public async Task Expired_holds_come_back_by_one_reminder_without_any_call()
    {
        await using var network = await ActorNetwork.StartAsync();
        var payer = network.Actors.Account("dev");
        await payer.CreditAsync(new Credit("top-1", 1000, "top-up", network.Now));
        for (int i = 1; i <= 3; i++)
            await payer.HoldAsync(new Hold($"job-{i}", 100, network.Now.AddMinutes(i)));
        // Advancing runs the scheduler, which calls the actor; no call of ours touches it in between.
        await network.AfterReminderAsync(() => network.Time.Advance(TimeSpan.FromSeconds(61)));
        (await network.StoredBookAsync("dev")).Holds.Keys.ShouldBe(["job-2", "job-3"], ignoreOrder: true);
        await network.AfterReminderAsync(() => network.Time.Advance(TimeSpan.FromSeconds(61)));
        await network.AfterReminderAsync(() => network.Time.Advance(TimeSpan.FromSeconds(61)));

        (await network.StoredBookAsync("dev")).ShouldSatisfyAllConditions(b => b.Holds.ShouldBeEmpty(), b => b.Available.ShouldBe(1000));
    }

    [Fact]
    public async Task Jobs_settle_exactly_once_under_rebalances_failures_and_repeats()
    {
        await using var network = await ActorNetwork.StartAsync(new FaultOptions { Rebalance = 0.3, Unavailable = 0.05 }, seed: 7);
        string[] hosts = ["host-a", "host-b", "host-c"];
        const int jobs = 60;
        await network.Persist(() => network.Actors.Account("dev").CreditAsync(new Credit("top-1", 100_000, "top-up", network.Now)));

        await Parallel.ForAsync(0, jobs, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken }, async (i, _) =>
        {
            string job = $"job-{i}";
            // Two copies of the same saga at once: a workflow whose worker was thought dead.
            await Task.WhenAll(RunAsync(job), RunAsync(job));
        });

        network.Sidecar.Faults = new FaultOptions();
        network.Repeats.ShouldBeGreaterThan(0, "no call failed: the test showed nothing");
        var payer = await network.Actors.Account("dev").GetAsync();
        payer.ShouldSatisfyAllConditions(s => s.Available.ShouldBe(100_000 - jobs * 60), s => s.Held.ShouldBe(0), s => s.InFlight.ShouldBe(0));
        foreach (string host in hosts)
            (await network.Actors.Account(host).GetAsync()).Available.ShouldBe(jobs * 20);

        async Task RunAsync(string job)
        {
            var account = network.Actors.Account("dev");
            await network.Persist(() => account.HoldAsync(new Hold(job, 100, network.Now.AddHours(1))));
            var payouts = hosts.Select(h => new Payout($"payout:{job}:{h}", h, 20)).ToList();
            var settled = await network.Persist(() => account.SettleAsync(new Settlement(job, payouts, network.Now)));
            settled.Status.ShouldBe(SettleStatus.Settled);
            foreach (var payout in settled.Payouts)
            {
                var credited = await network.Persist(() => network.Actors.Account(payout.Account).CreditAsync(new Credit(payout.EventId, payout.Amount, job, settled.IssuedAt)));
                credited.Status.ShouldBeOneOf(CreditStatus.Applied, CreditStatus.Duplicate);
            }

            await network.Persist(() => account.ConfirmPayoutsAsync([.. settled.Payouts.Select(p => p.EventId)]));
        }
    }
}
