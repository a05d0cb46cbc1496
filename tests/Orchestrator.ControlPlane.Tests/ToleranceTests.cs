using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Stake;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.ControlPlane.Workflows;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>Redundant jobs where one execution class has hosts for one chain only: chains of two classes run each other's stages again, and only a referee's word slashes.</summary>
public sealed class ToleranceTests : IAsyncLifetime
{
    private const int Suspect = 2;
    private Platform platform = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private FakeNetwork Network => platform.Network;

    public async ValueTask InitializeAsync()
    {
        platform = await Platform.StartAsync(nodes: 8, chains: 2, floats: true);
        await platform.MixClassesAsync();
    }

    public ValueTask DisposeAsync() => platform.DisposeAsync();

    [Fact]
    public async Task A_quote_says_how_chains_are_compared_and_what_that_notices()
    {
        var quote = await QuoteAsync();

        quote.GetProperty("detection").GetDouble().ShouldBe(.8 * .99, 1e-9);
        var (price, comparisons) = (quote.GetProperty("price").GetInt64(), quote.GetProperty("audit_price").GetInt64());
        comparisons.ShouldBe((long)Math.Ceiling((price - comparisons) * .125), "each of two chains is run again once, for an eighth of its price");
        var three = await QuoteAsync("redundant:3");
        three.GetProperty("comparison").ValueKind.ShouldBe(JsonValueKind.Null, "there are not enough hosts of all classes together");
    }

    [Fact]
    public async Task Honest_chains_agree_though_a_near_tie_flipped_a_token_and_nobody_is_slashed()
    {
        Network.Behave = a => a.Chain == 1 ? new() { Lie = t => t == 'Y' ? 'Z' : t } : Script.Honest;

        string job = await SubmitAsync();
        await platform.Workflows.WaitForCompletionAsync(job, Cancel).WaitAsync(TimeSpan.FromSeconds(60), Cancel);

        var view = await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey);
        view.GetProperty("status").GetString().ShouldBe("completed", view.GetRawText());
        view.GetProperty("choices")[0].GetProperty("text").GetString().ShouldBe("You said: check me.");
        view.GetProperty("orchestrator").GetProperty("assurance").ShouldSatisfyAllConditions(
            a => a.GetProperty("comparison").GetString().ShouldBe("tolerance"),
            a => a.GetProperty("achieved").GetString().ShouldBe("redundant:2"),
            a => a.GetProperty("detection").GetDouble().ShouldBe(.8 * .99, 1e-9));
        Network.Court.AuditTasks.Count.ShouldBe(2 * platform.Model.Manifest.Stages.Count, "every stage of each chain was run again by the other's node");
        Network.Court.AuditTasks.ShouldAllBe(t => t.Mode == AuditMode.Batched);
        (await SlashedAsync()).ShouldBeEmpty();
        await platform.ShouldBalanceAsync();
        await ShouldBePaidAsync(view.GetProperty("orchestrator"));
    }

    [Fact]
    public async Task A_stage_beyond_tolerance_is_judged_by_a_referee_of_its_class_and_slashed()
    {
        var (cheater, other) = Holders();
        Network.Behave = a => new() { Falsifies = stage => a.Hops[stage].Node == cheater.Id };
        Network.Court.Audits = t => t.Node == other.Id ? FakeAuditor.Lies : FakeAuditor.Honest;

        await FindAsync("wrong");

        (await SlashedAsync()).ShouldBe([(cheater.Id, "wrong_result")]);
        Network.Court.AuditTasks.Where(t => t.Mode == AuditMode.Exact).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            t => t.Node.ShouldBe(FakeNetwork.RefereeKey.Node), t => t.Stage.ShouldBe(Suspect));
    }

    [Fact]
    public async Task A_false_accuser_is_slashed_and_the_accused_is_not()
    {
        var (accused, liar) = Holders();
        Network.Court.Audits = t => t.Node == liar.Id ? FakeAuditor.Lies : FakeAuditor.Honest;

        await FindAsync("passed");

        (await SlashedAsync()).ShouldBe([(liar.Id, "false_accusation")]);
        accused.Class.ShouldBe(FakeNetwork.Class);
    }

    [Fact]
    public async Task A_stray_rounding_beyond_the_limits_is_settled_by_a_referee_and_slashes_neither()
    {
        var (_, other) = Holders();
        Network.Court.Audits = t => t.Node == other.Id ? FakeAuditor.Strays : FakeAuditor.Honest;

        string job = await SubmitAsync();
        await platform.Workflows.WaitForCompletionAsync(job, Cancel).WaitAsync(TimeSpan.FromSeconds(60), Cancel);

        var view = await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey);
        view.GetProperty("status").GetString().ShouldBe("completed", view.GetRawText());
        view.GetProperty("orchestrator").GetProperty("assurance").GetProperty("chains_agreed").GetInt32().ShouldBe(2);
        Network.Court.AuditTasks.Where(t => t.Mode == AuditMode.Exact).ShouldHaveSingleItem().Stage.ShouldBe(Suspect, "the referee was asked");
        (await SlashedAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_no_referee_can_judge_is_undecided_and_costs_nobody_anything()
    {
        var (doubter, accused) = Holders();
        Network.Court.Audits = t => t.Node == doubter.Id ? FakeAuditor.Lies : FakeAuditor.Honest;
        double score = await ScoreAsync(doubter);

        await FindAsync("undecided");

        (await SlashedAsync()).ShouldBeEmpty();
        (await ScoreAsync(doubter)).ShouldBeGreaterThanOrEqualTo(score, "it was told to look; a cheater of a class that nobody can judge would else have honest nodes pay");
        accused.Class.ShouldBe(FakeNetwork.OtherClass, "no referee has its class");
    }

    /// <summary>Runs a job that nobody can agree on, until a comparison of the suspect's chain has ended so; then takes it back.</summary>
    private async Task FindAsync(string verdict)
    {
        string job = await SubmitAsync();
        await Eventually.Holds(
            async () => await platform.Workflows.ListAsync().AnyAsync(w => w.Name == ToleranceWorkflow.Name && w.OutputJson is { } output && Found(output)), () => "no comparison ended so");
        (await platform.Workflows.GetAsync(job))!.OutputJson.ShouldBeNull("there is nobody left to agree with");
        using var client = platform.Client();
        await client.DeleteAsync($"/api/jobs/{job}", Cancel);
        await platform.ShouldBalanceAsync();

        bool Found(string output)
        {
            using var result = JsonDocument.Parse(output);
            return $"{result.RootElement.GetProperty("verdict")}" == verdict && (verdict != "passed" || result.RootElement.GetProperty("guilty").ValueKind != JsonValueKind.Null);
        }
    }

    /// <summary>Every host got, beside what its own stage earned, an eighth of that for the stage of the other chain that it ran again.</summary>
    private async Task ShouldBePaidAsync(JsonElement info)
    {
        var stages = info.GetProperty("chains").EnumerateArray().SelectMany(c => c.GetProperty("stages").EnumerateArray()).ToList();
        stages.Count.ShouldBe(8);
        long paid = 0;
        foreach (var stage in stages)
        {
            var (host, earned) = (stage.GetProperty("host").GetString()!, stage.GetProperty("earned").GetInt64());
            long available = (await platform.AccountAsync(host)).Available;
            (available - earned).ShouldBeInRange(earned / 8 - 1, earned / 8 + 1, $"{host} earned {earned} for its own stage");
            paid += available;
        }

        long fees = (await platform.AccountAsync(ActorNames.ProtocolAccount)).Available;
        (paid + fees).ShouldBe(info.GetProperty("price").GetProperty("charged").GetInt64());
    }

    /// <summary>The two nodes of one stage: of the referee's class, and of the other.</summary>
    private (FakeNode Judged, FakeNode Other) Holders()
    {
        var both = Network.Nodes.Where(n => n.Shards.Any(s => s.Stage == Suspect)).ToList();
        return (both.Single(n => n.Class == FakeNetwork.Class), both.Single(n => n.Class == FakeNetwork.OtherClass));
    }

    private async Task<double> ScoreAsync(FakeNode node) =>
        (await platform.Services.GetRequiredService<StakeDesk>().GetAsync(node.Id)).Correctness.Score;

    private async Task<JsonElement> QuoteAsync(string assurance = "redundant:2")
    {
        using var client = platform.Client();
        using var answer = await client.PostAsync("/api/quotes", Body(assurance), Cancel);
        using var quotes = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));
        return quotes.RootElement.GetProperty("quotes")[0].Clone();
    }

    private async Task<string> SubmitAsync()
    {
        using var client = platform.Client();
        using var submitted = await client.PostAsync("/api/jobs", Body("redundant:2"), Cancel);
        submitted.IsSuccessStatusCode.ShouldBeTrue(await submitted.Content.ReadAsStringAsync(Cancel));
        return submitted.Headers.GetValues("x-orchestrator-job").Single();
    }

    private async Task<IReadOnlyList<(NodeId Node, string Fault)>> SlashedAsync()
    {
        List<(NodeId, string)> slashed = [];
        foreach (var node in Network.Nodes)
        {
            var view = await platform.GetAsync<JsonElement>($"/api/nodes/{node.Id}");
            slashed.AddRange(view.GetProperty("trust").GetProperty("slashes").EnumerateArray().Select(s => (node.Id, s.GetProperty("fault").GetString()!)));
        }

        return slashed;
    }

    private StringContent Body(string assurance) => Platform.Json(
        $$$"""{"model":"{{{platform.Model.Manifest.Name}}}","messages":[{"role":"user","content":"check me"}],"max_tokens":60,"orchestrator":{"assurance":"{{{assurance}}}"}}""");
}
