using System.Text.Json.Nodes;
using Orchestrator.Cli.Tests;
using Orchestrator.Contracts;

namespace Orchestrator.Integration.Tests;

/// <summary>
/// A worker process that cheats where nobody audits, found and proven wrong with the command, and what the command tells of it, of its stake and of its job
/// afterwards, to people and to scripts.
/// </summary>
[Collection(nameof(OneAtATime))]
public sealed class ChallengeTests(ChallengedNetwork network) : IClassFixture<ChallengedNetwork>
{
    private static readonly string Nobody = new('a', NodeId.Length);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_command_finds_the_command_proves()
    {
        var convicted = await network.ConvictedAsync();

        var dispute = await network.ReadAsync("disputes", "show", convicted.Dispute);

        ($"{dispute["challenger"]}", $"{dispute["outcome"]}", $"{dispute["loser"]}")
            .ShouldBe((convicted.Challenger.Id.Value, "overturned", convicted.Cheater.Id.Value), dispute.ToJsonString());
    }

    [Fact]
    public async Task A_slashed_node_is_shown_with_what_proved_it()
    {
        var convicted = await network.ConvictedAsync();

        var shown = await network.RunAsync("nodes", "show", convicted.Cheater.Id.Value);
        var node = await network.ReadAsync("nodes", "show", convicted.Cheater.Id.Value);

        var slash = node["trust"]!["slashes"]!.AsArray().ShouldHaveSingleItem()!;
        ($"{slash["fault"]}", $"{slash["dispute"]}", $"{slash["job"]}").ShouldBe(("wrong_result", convicted.Dispute, convicted.Job));
        var evidence = slash["evidence"]!.AsArray().Select(e => $"{e}").ToList();
        evidence.ShouldNotBeEmpty();
        shown.ExitCode.ShouldBe(0, shown.Err);
        foreach (string word in (string[])["correctness", "presence", "History", "Slashes", "wrong_result", $"{(long)slash["amount"]!:N0}", convicted.Dispute, .. evidence])
            shown.Out.ShouldContain(word);
        shown.Out.ShouldContain($"orchestrator disputes show {convicted.Dispute}", customMessage: shown.Out);
        // The node hears of its stake after the stake's own book.
        await NetworkFixture.UntilAsync(
            "a list that bars it",
            _ => network.RunAsync("nodes", "list"),
            listed => listed.Out.Split('\n').Single(l => l.Contains(convicted.Cheater.Id.Value)).Contains("jail", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dispute_is_listed_and_shown_with_its_loser_and_why()
    {
        var convicted = await network.ConvictedAsync();

        var listed = await network.RunAsync("disputes", "list");
        var shown = await network.RunAsync("disputes", "show", convicted.Dispute);
        var json = await network.ReadAsync("disputes", "list");

        listed.Out.Split('\n').Single(l => l.Contains(convicted.Dispute)).ShouldSatisfyAllConditions(
            l => l.ShouldContain(convicted.Job), l => l.ShouldContain("overturned"), l => l.ShouldContain(convicted.Cheater.Id.Value[..12]));
        foreach (string word in (string[])[convicted.Job, convicted.Cheater.Id.Value, convicted.Challenger.Id.Value, "overturned", "judged", "slashed for wrong_result", "operators that both agree on"])
            shown.Out.ShouldContain(word);
        $"{json.AsArray().ShouldHaveSingleItem()!["dispute"]}".ShouldBe(convicted.Dispute);
    }

    [Fact]
    public async Task Receipts_are_shown_saved_and_verified_offline_and_a_changed_one_is_found()
    {
        var convicted = await network.ConvictedAsync();
        string file = network.File("receipts.json"), changed = network.File("changed.json");

        var shown = await network.RunAsync("receipts", "show", convicted.Job, "--save", file);
        var holds = await CommandLineRun.Of("receipts", "verify", file);
        var document = JsonNode.Parse(await File.ReadAllTextAsync(file, Cancel))!;
        byte[] signature = Convert.FromBase64String($"{document["results"]![0]!["signature"]}");
        signature[0] ^= 1;
        document["results"]![0]!["signature"] = Convert.ToBase64String(signature);
        await File.WriteAllTextAsync(changed, document.ToJsonString(), Cancel);
        var broken = await CommandLineRun.Of("receipts", "verify", changed);
        var report = JsonNode.Parse((await CommandLineRun.Of("receipts", "verify", changed, "-o", "json")).Out)!;

        shown.ExitCode.ShouldBe(0, shown.Err);
        shown.Out.ShouldContain(convicted.Cheater.Id.Short);
        shown.Err.ShouldContain($"orchestrator receipts verify {file}");
        holds.ExitCode.ShouldBe(0, holds.Err + holds.Out);
        holds.Out.ShouldContain("Nothing is broken");
        ShouldFail(broken, $"orchestrator receipts show {convicted.Job} --save {changed}");
        broken.Out.ShouldContain("broken");
        ((bool)report["holds"]!).ShouldBeFalse();
    }

    [Fact]
    public async Task Stake_is_bonded_and_unbonded_and_nothing_is_paid_out_before_its_time()
    {
        var node = network.Network.HoldersOf(0)[0];
        await network.FundAsync(node, "for-a-bond", 600);

        var tried = await network.ReadAsync("stake", "bond", node.Id.Value, "600", "--dry-run");
        var bonded = await network.RunAsync("stake", "bond", node.Id.Value, "600", "--event-id", "more");
        var repeated = await network.ReadAsync("stake", "bond", node.Id.Value, "600", "--event-id", "more");
        var unbonded = await network.RunAsync("stake", "unbond", node.Id.Value, "200", "--confirm", node.Id.Value);
        var early = await network.RunAsync("stake", "withdraw", node.Id.Value);

        ($"{tried["status"]}", (long)tried["stake"]!["bonded"]!).ShouldBe(("dry_run", 100_600));
        bonded.ShouldSatisfyAllConditions(r => r.ExitCode.ShouldBe(0, r.Err), r => r.Out.ShouldContain("bond: 600 micro-credits"), r => r.Out.ShouldContain("100,600 micro-credits bonded"));
        ((long)repeated["stake"]!["bonded"]!).ShouldBe(100_600, "one name, one bond");
        unbonded.ShouldSatisfyAllConditions(r => r.ExitCode.ShouldBe(0, r.Err), r => r.Out.ShouldContain("100,400 micro-credits bonded"), r => r.Out.ShouldContain("200 micro-credits, to be withdrawn from"));
        var entry = (await network.ReadAsync("nodes", "show", node.Id.Value))["trust"]!["stake"]!["unbonding"]!.AsArray().ShouldHaveSingleItem()!;
        ShouldFail(early, $"{entry["releasable_at"]!.GetValue<DateTimeOffset>():u}");
        ShouldFail(await network.RunAsync("stake", "bond", node.Id.Value, "5000000"), $"Account {node.Host} has");
        ShouldFail(await network.RunAsync("stake", "unbond", node.Id.Value, "5000000", "--confirm", node.Id.Value), "100400 micro-credits are bonded");
        ShouldFail(await network.RunAsync("stake", "release", node.Id.Value), "is not jailed");
    }

    [Fact]
    public async Task Who_asks_for_what_is_not_there_learns_which_command_lists_what_is()
    {
        string job = JobId.New(TimeProvider.System).Value;

        ShouldFail(await network.RunAsync("nodes", "show", Nobody), "'orchestrator nodes list'");
        ShouldFail(await network.RunAsync("stake", "bond", Nobody, "5"), "'orchestrator nodes list'");
        ShouldFail(await network.RunAsync("stake", "unbond", Nobody, "5", "--confirm", Nobody), "'orchestrator nodes list'");
        ShouldFail(await network.RunAsync("stake", "withdraw", Nobody), "'orchestrator nodes list'");
        ShouldFail(await network.RunAsync("receipts", "show", job), "'orchestrator jobs list'");
        ShouldFail(await network.RunAsync("disputes", "show", "nothing"), "'orchestrator disputes list'");
    }

    private static void ShouldFail(CommandLineRun run, string reason)
    {
        run.ExitCode.ShouldBe(1, run.Out);
        run.Err.ShouldStartWith("error: ");
        run.Err.TrimEnd().ShouldNotContain("\n");
        run.Err.ShouldContain(reason);
    }
}
