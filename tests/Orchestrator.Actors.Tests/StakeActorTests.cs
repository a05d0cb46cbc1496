using Orchestrator.Actors.Tests.Kit;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Stake;
using Orchestrator.Sidecar.Faults;

namespace Orchestrator.Actors.Tests;

public sealed class StakeActorTests
{
    private static readonly TimeSpan Delay = StakeRules.Default.UnbondingDelay;

    [Fact]
    public async Task Stake_comes_back_to_its_owner_once_after_the_delay()
    {
        await using var network = await ActorNetwork.StartAsync();
        var stake = network.Actors.Stake(Given.NodeOf("n"));

        (await stake.ClaimAsync("host-a")).ShouldBe("host-a");
        (await stake.BondAsync(new Bond("b1", "host-a", 1_000, network.Now))).Status.ShouldBe(StakeStatus.Applied);
        (await stake.BondAsync(new Bond("b1", "host-a", 1_000, network.Now))).Status.ShouldBe(StakeStatus.Duplicate);
        (await stake.ClaimAsync("host-b")).ShouldBe("host-a", "staked nodes change hands only when the stake is out");
        (await stake.UnbondAsync(new Unbond("u1", 400, network.Now))).Status.ShouldBe(StakeStatus.Applied);
        (await stake.WithdrawAsync(new Withdraw("w1", network.Now))).Status.ShouldBe(StakeStatus.Insufficient);
        network.Time.Advance(Delay);
        (await stake.WithdrawAsync(new Withdraw("w2", network.Now))).Amount.ShouldBe(400);
        await stake.FlushAsync();
        await network.Sidecar.DeactivateActorsAsync();
        await stake.FlushAsync();

        (await network.Actors.Account("host-a").GetAsync()).Available.ShouldBe(400);
        var state = await stake.GetAsync();
        state.Book!.ShouldSatisfyAllConditions(b => b.Bonded.ShouldBe(600), b => b.InFlight.ShouldBe(0), b => b.PaidOut.ShouldBe(400));
    }

    [Fact]
    public async Task A_fault_is_slashed_once_however_often_it_is_proven_and_keeps_its_evidence()
    {
        await using var network = await ActorNetwork.StartAsync();
        var node = Given.NodeOf("n");
        var stake = network.Actors.Stake(node);
        await network.Actors.Node(node).RegisterAsync(Given.Record("n", network.Now));
        await stake.BondAsync(new Bond("b1", "host-a", 1_000, network.Now));
        var fault = new ProvenFault(new Slash("receipt:s:0", FaultKind.WrongResult, network.Now, "auditor", "stage 0"), [Given.DigestOf("verdict")], "dispute-1", "job-1");

        (await stake.SlashAsync(fault)).ShouldSatisfyAllConditions(a => a.Status.ShouldBe(StakeStatus.Applied), a => a.Amount.ShouldBe(500));
        await network.Sidecar.DeactivateActorsAsync();
        (await stake.SlashAsync(fault with { Dispute = "dispute-2" })).Status.ShouldBe(StakeStatus.Duplicate);
        await stake.FlushAsync();

        var state = await stake.GetAsync();
        state.Book!.ShouldSatisfyAllConditions(b => b.Bonded.ShouldBe(500), b => b.TombstonedBy.ShouldBe("receipt:s:0"), b => b.Burned.ShouldBe(250));
        var line = state.Slashes.ShouldHaveSingleItem();
        line.Amount.ShouldBe(500);
        line.Fault.Evidence.ShouldBe([Given.DigestOf("verdict")]);
        (await network.Actors.Account("auditor").GetAsync()).Available.ShouldBe(125);
        (await network.Actors.Account(ActorNames.RefundAccount).GetAsync()).Available.ShouldBe(125);
        (await network.Actors.Node(node).GetAsync())!.Standing!.MayWork.ShouldBeFalse();
    }

    [Fact]
    public async Task What_a_slash_owes_is_paid_by_the_reminder_when_nobody_else_does()
    {
        await using var network = await ActorNetwork.StartAsync();
        var node = Given.NodeOf("n");
        await network.Actors.Node(node).RegisterAsync(Given.Record("n", network.Now));
        var stake = network.Actors.Stake(node);
        await stake.BondAsync(new Bond("b1", "host-a", 1_000, network.Now));
        await stake.SlashAsync(new ProvenFault(new Slash("e", FaultKind.Contradiction, network.Now, "auditor", ""), [], null, null));

        await network.AfterReminderAsync(() => network.Time.Advance(TimeSpan.FromSeconds(11)));

        (await network.Actors.Account("auditor").GetAsync()).Available.ShouldBe(250);
        (await network.Actors.Node(node).GetAsync())!.Standing!.Bonded.ShouldBe(0);
        (await stake.GetAsync()).Book!.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task The_jail_is_left_on_request_after_its_time_and_a_tombstone_never()
    {
        await using var network = await ActorNetwork.StartAsync();
        var jailed = network.Actors.Stake(Given.NodeOf("n"));
        await jailed.BondAsync(new Bond("b1", "host-a", 1_000, network.Now));
        await jailed.SlashAsync(new ProvenFault(new Slash("e1", FaultKind.LazyAudit, network.Now, null, ""), [], null, null));

        (await jailed.ReleaseAsync()).Status.ShouldBe(StakeStatus.TooEarly);
        network.Time.Advance(TimeSpan.FromHours(6));
        (await jailed.ReleaseAsync()).Status.ShouldBe(StakeStatus.Applied);
        await jailed.SlashAsync(new ProvenFault(new Slash("e2", FaultKind.Contradiction, network.Now, null, ""), [], null, null));
        network.Time.Advance(TimeSpan.FromDays(30));
        (await jailed.ReleaseAsync()).Status.ShouldBe(StakeStatus.Tombstoned);
    }

    [Fact]
    public async Task An_observation_counts_once_and_planning_sees_the_score_that_is_shown()
    {
        await using var network = await ActorNetwork.StartAsync();
        var node = Given.NodeOf("n");
        await network.Actors.Node(node).RegisterAsync(Given.Record("n", network.Now));
        var stake = network.Actors.Stake(node);
        Observation[] wrong = [.. Enumerable.Range(0, 41).Select(i => new Observation($"o{i}", ObservationKind.Wrong, network.Now))];

        await stake.ObserveAsync(wrong);
        await network.Sidecar.DeactivateActorsAsync();
        await stake.ObserveAsync(wrong);
        await stake.FlushAsync();

        var shown = (await stake.GetAsync()).Correctness;
        shown.ShouldSatisfyAllConditions(s => s.Observations.ShouldBe(41), s => s.Barred.ShouldBeTrue(), s => s.Distance.ShouldBe(s.Score - s.Threshold));
        var standing = (await network.Actors.Node(node).GetAsync())!.Standing!;
        standing.Correctness.Standing(ReputationRule.Correctness, network.Now).Score.ShouldBe(shown.Score);
    }

    [Fact]
    public async Task A_staked_node_cannot_be_moved_to_another_host_by_its_own_key()
    {
        await using var network = await ActorNetwork.StartAsync();
        var node = network.Actors.Node(Given.NodeOf("n"));
        await node.RegisterAsync(Given.Record("n", network.Now));
        var stake = network.Actors.Stake(Given.NodeOf("n"));
        await stake.BondAsync(new Bond("b1", "host-a", 1_000, network.Now));
        await stake.FlushAsync();

        (await node.RegisterAsync(Given.Record("n", network.Now.AddSeconds(1), "thief"))).Record.Host.ShouldBe("host-a");

        await stake.UnbondAsync(new Unbond("u1", 1_000, network.Now));
        network.Time.Advance(Delay);
        await stake.WithdrawAsync(new Withdraw("w1", network.Now));
        await stake.FlushAsync();
        (await node.RegisterAsync(Given.Record("n", network.Now.AddSeconds(1), "new-owner"))).Record.Host.ShouldBe("new-owner");
    }

    [Fact]
    public async Task Money_is_conserved_over_bonds_and_slashes_on_a_failing_sidecar()
    {
        await using var network = await ActorNetwork.StartAsync(new FaultOptions { Rebalance = 0.3, Unavailable = 0.05 }, seed: 11);
        const int bonds = 20;
        var node = Given.NodeOf("n");
        var account = network.Actors.Account("host-a");
        var stake = network.Actors.Stake(node);
        await network.Persist(() => network.Actors.Node(node).RegisterAsync(Given.Record("n", network.Now)));
        await network.Persist(() => account.CreditAsync(new Credit("top-up", 10_000, "", network.Now)));

        await Parallel.ForAsync(0, bonds, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (i, _) =>
        {
            await Task.WhenAll(BondAsync($"b{i}"), BondAsync($"b{i}"));
            await network.Persist(() => stake.SlashAsync(new ProvenFault(new Slash($"e{i % 3}", FaultKind.LazyAudit, network.Now, "auditor", ""), [], null, null)));
            await network.Persist(stake.FlushAsync);
        });

        network.Sidecar.Faults = new FaultOptions();
        await stake.FlushAsync();
        var book = (await stake.GetAsync()).Book!;
        var payer = await account.GetAsync();
        payer.ShouldSatisfyAllConditions(p => p.Available.ShouldBe(10_000 - bonds * 100), p => p.InFlight.ShouldBe(0));
        long paid = (await network.Actors.Account("auditor").GetAsync()).Available + (await network.Actors.Account(ActorNames.RefundAccount).GetAsync()).Available;
        (payer.Available + book.AtStake + book.Burned + paid).ShouldBe(10_000);
        (await stake.GetAsync()).Slashes.Count.ShouldBe(3);

        async Task BondAsync(string id)
        {
            await network.Persist(() => account.HoldAsync(new Hold(id, 100, network.Now.AddHours(1))));
            var settled = await network.Persist(() => account.SettleAsync(new Settlement(id, [new Payout(id, "stake:n", 100)], network.Now)));
            await network.Persist(() => stake.BondAsync(new Bond(id, "host-a", 100, settled.IssuedAt)));
            await network.Persist(() => account.ConfirmPayoutsAsync([id]));
        }
    }
}
