using System.Text.Json;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>Whoever ran another class's stages again as it was told is paid for it from what the job's quote held, also where chains were outvoted or given up meanwhile.</summary>
public sealed class ComparisonPayTests
{
    private const int Suspect = 2;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_chains_of_two_classes_pay_each_host_for_the_chains_that_it_ran_again()
    {
        await using var platform = await Platform.StartAsync(floats: true);
        await platform.MixClassesAsync("redundant:3");
        var quote = await QuoteAsync(platform, "redundant:3");
        var (price, held) = (quote.GetProperty("price").GetInt64(), quote.GetProperty("audit_price").GetInt64());
        held.ShouldBe((long)Math.Ceiling((price - held) * .25), "six runs at most, each for an eighth of one of three chains");

        var info = await CompletedAsync(platform, "redundant:3");

        var chains = Chains(info, platform.Network);
        chains.Count.ShouldBe(3);
        // Chains of the same classes in the same places are compared bit by bit.
        var runs = chains.SelectMany(c => chains.Where(other => Classes(c).Zip(Classes(other)).Any(pair => pair.First != pair.Second)), (chain, by) => (Chain: chain, By: by)).ToList();
        runs.Count.ShouldBeInRange(4, 6);
        platform.Network.Court.AuditTasks.Count.ShouldBe(runs.Count * platform.Model.Manifest.Stages.Count);
        foreach (var chain in chains)
        {
            int ran = runs.Count(r => r.By == chain);
            foreach (var (node, earned) in chain)
                (await ComparedAsync(platform, node, earned)).ShouldBeInRange(ran * earned / 8 - 2, ran * earned / 8 + 2, $"{node.Host} ran {ran} chains again");
        }

        long charged = Charged(info), work = charged * 24 / (24 + runs.Count);
        (charged - work).ShouldBeInRange(work * runs.Count / 24 - 2, work * runs.Count / 24 + 2);
        await ShouldBePaidOutAsync(platform, charged);

        IEnumerable<ExecutionClass> Classes(IReadOnlyList<(FakeNode Node, long Earned)> chain) => chain.Select(s => s.Node.Class);
    }

    [Fact]
    public async Task A_chain_that_was_outvoted_is_paid_for_what_it_ran_again_and_those_that_ran_it_are_too()
    {
        await using var platform = await Platform.StartAsync(floats: true, configure: o => o with { Audits = o.Audits with { Referees = [] } });
        await platform.MixClassesAsync(third: true);
        platform.Network.Behave = a => a.Chain == 0 ? new() { Falsifies = stage => stage == Suspect } : Script.Honest;

        var info = await CompletedAsync(platform, "redundant:2");

        var agreed = Chains(info, platform.Network);
        agreed.Count.ShouldBe(2);
        platform.Network.Court.AuditTasks.Count.ShouldBe(6 * platform.Model.Manifest.Stages.Count, "each of three chains was run again by both others");
        foreach (var (stage, earned) in agreed[0].Select((s, stage) => (stage, s.Earned)))
        {
            // Two runs were quoted and six were made: all who made them share what was held for the two.
            var outvoted = platform.Network.Node(platform.Network.Assignments.Items.First(a => a.Chain == 0).Hops[stage].Node);
            foreach (var (node, own) in (IReadOnlyList<(FakeNode, long)>)[agreed[0][stage], agreed[1][stage], (outvoted, 0)])
                (await ComparedAsync(platform, node, own)).ShouldBeInRange(earned / 12 - 2, earned / 12 + 2, $"{node.Host} of stage {stage}");
        }

        await ShouldBePaidOutAsync(platform, Charged(info));
    }

    [Fact]
    public async Task Who_was_proven_to_accuse_falsely_is_paid_nothing_and_the_nodes_beside_it_are()
    {
        await using var platform = await Platform.StartAsync(floats: true);
        await platform.MixClassesAsync(third: true);
        var network = platform.Network;
        var liar = Holder(FakeNetwork.OtherClass);
        var spares = network.Nodes.Where(n => n.Class == FakeNetwork.ThirdClass).ToList();
        foreach (var spare in spares)
            await DrainAsync(spare, true);
        network.Court.Audits = t => t.Node == liar.Id ? FakeAuditor.Lies : FakeAuditor.Honest;
        string job = await SubmitAsync(platform, "redundant:2");
        await Eventually.Holds(async () => await SlashesAsync() == 1, () => "the false accusation is not proven");
        await DrainAsync(Holder(FakeNetwork.ThirdClass), false);

        var info = await CompletedAsync(platform, job: job);

        (await platform.AccountAsync(liar.Host)).Available.ShouldBe(0);
        var chains = Chains(info, platform.Network);
        foreach (var chain in chains)
        {
            foreach (var (node, earned) in chain)
            {
                // Four runs less the liar's stage: fifteen of sixteen stages share what was held for eight.
                int ran = node.Class == FakeNetwork.ThirdClass ? 1 : 2;
                (await ComparedAsync(platform, node, earned)).ShouldBeInRange(ran * earned / 15 - 2, ran * earned / 15 + 2, node.Host);
            }
        }

        chains.SelectMany(c => c).Count(s => s.Node.Class == FakeNetwork.ThirdClass).ShouldBe(1);
        await ShouldBePaidOutAsync(platform, Charged(info));

        FakeNode Holder(ExecutionClass @class) => network.Nodes.Single(n => n.Class == @class && n.Shards.Any(s => s.Stage == Suspect));

        async Task DrainAsync(FakeNode node, bool draining)
        {
            node.Draining = draining;
            await network.BeatAsync(node);
            await platform.KnownAsync(node, n => n.Heartbeat!.Draining == draining);
        }

        async Task<int> SlashesAsync() =>
            (await platform.GetAsync<JsonElement>($"/api/nodes/{liar.Id}")).GetProperty("trust").GetProperty("slashes").GetArrayLength();
    }

    private static List<IReadOnlyList<(FakeNode Node, long Earned)>> Chains(JsonElement info, FakeNetwork network) =>
    [
        .. info.GetProperty("chains").EnumerateArray().Select(c => (IReadOnlyList<(FakeNode, long)>)
            [.. c.GetProperty("stages").EnumerateArray().Select(s => (network.Nodes.Single(n => n.Host == s.GetProperty("host").GetString()), s.GetProperty("earned").GetInt64()))]),
    ];

    private static long Charged(JsonElement info) => info.GetProperty("price").GetProperty("charged").GetInt64();

    /// <summary>What a host has beside what its own stage earned.</summary>
    private static async Task<long> ComparedAsync(Platform platform, FakeNode node, long earned) => (await platform.AccountAsync(node.Host)).Available - earned;

    private static async Task ShouldBePaidOutAsync(Platform platform, long charged)
    {
        await platform.ShouldBalanceAsync();
        long paid = (await platform.AccountAsync(ActorNames.ProtocolAccount)).Available;
        foreach (var node in platform.Network.Nodes)
            paid += (await platform.AccountAsync(node.Host)).Available;
        paid.ShouldBe(charged);
    }

    private static async Task<JsonElement> CompletedAsync(Platform platform, string assurance = "", string? job = null)
    {
        job ??= await SubmitAsync(platform, assurance);
        await Eventually.Gets(platform.Workflows.WaitForCompletionAsync(job, Cancel), () => "the job does not end");
        var view = await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey);
        view.GetProperty("status").GetString().ShouldBe("completed", view.GetRawText());
        await platform.ShouldCloseAsync();
        return view.GetProperty("orchestrator");
    }

    private static async Task<JsonElement> QuoteAsync(Platform platform, string assurance)
    {
        using var client = platform.Client();
        using var answer = await client.PostAsync("/api/quotes", Body(platform, assurance), Cancel);
        using var quotes = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));
        return quotes.RootElement.GetProperty("quotes")[0].Clone();
    }

    private static async Task<string> SubmitAsync(Platform platform, string assurance)
    {
        using var client = platform.Client();
        using var submitted = await client.PostAsync("/api/jobs", Body(platform, assurance), Cancel);
        submitted.IsSuccessStatusCode.ShouldBeTrue(await submitted.Content.ReadAsStringAsync(Cancel));
        return submitted.Headers.GetValues("x-orchestrator-job").Single();
    }

    private static StringContent Body(Platform platform, string assurance) => Platform.Json(
        $$$"""{"model":"{{{platform.Model.Manifest.Name}}}","messages":[{"role":"user","content":"check me"}],"max_tokens":60,"orchestrator":{"assurance":"{{{assurance}}}"}}""");
}
