using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.Core.Audits;
using Orchestrator.TestKit;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>Who cheats after the answer was delivered is found out, proven guilty and slashed once; nobody else is.</summary>
public sealed class CheatTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stage_that_puts_out_something_else_than_it_computed_is_proven_wrong(bool evict)
    {
        await using var platform = await Platform.StartAsync(evict: evict);
        using var decided = new CountedDisputes(platform.Services.GetRequiredService<IMeterFactory>());
        long before = (await platform.AccountAsync("user")).Available;
        platform.Network.Behave = _ => new Script { Falsifies = stage => stage == 1 };

        var (job, view) = await RunAsync(platform, "sampled");

        view.GetProperty("status").GetString().ShouldBe("overturned", view.GetRawText());
        view.GetProperty("finality").GetString().ShouldBe("overturned");
        view.GetProperty("failure").GetProperty("code").GetString().ShouldBe("overturned");
        (await platform.AccountAsync("user")).Available.ShouldBe(before, "the developer gets everything back");
        var guilty = platform.Network.Assignments.Items.First(a => a.Job.Value == job && a.Stage == 1).Node;
        await ShouldHaveSlashedAsync(platform, (guilty, "wrong_result"));
        var dispute = (await platform.GetAsync<JsonElement>("/api/disputes")).GetProperty("disputes").EnumerateArray().Single();
        dispute.GetProperty("outcome").GetString().ShouldBe("overturned");
        dispute.GetProperty("ground").GetString().ShouldBe("judged");
        decided.Seen.ShouldBe([("overturned", "judged", 1)], "once, however often the workflow is replayed");
        platform.Network.Court.RefereeTasks.Single().Step.ShouldBe(2, "the first operator whose output differs");
        platform.Network.Court.AuditTasks.ShouldAllBe(t => platform.Network.Node(t.Node).Host != platform.Network.Node(guilty).Host || t.Stage != 1);
        await platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task An_auditor_that_lies_loses_its_dispute_and_the_answer_stands()
    {
        await using var platform = await Platform.StartAsync();
        platform.Network.Court.Audits = t => t.Stage == 0 ? FakeAuditor.Lies : FakeAuditor.Honest;

        var (_, view) = await RunAsync(platform, "sampled");

        view.GetProperty("finality").GetString().ShouldBe("final", view.GetRawText());
        await ShouldHaveSlashedAsync(platform, (platform.Network.Court.AuditTasks.First(t => t.Stage == 0).Node, "false_accusation"));
        await platform.ShouldBalanceAsync();
    }

    [Theory]
    [InlineData(AuditMode.Batched)]
    [InlineData(AuditMode.Exact)]
    public async Task An_auditor_that_copies_is_caught_by_a_planted_error(AuditMode mode)
    {
        await using var platform = await Platform.StartAsync(configure: o => o with { Audits = o.Audits with { Policy = Planting(mode) } });
        platform.Network.Court.Audits = t => t.Stage == 3 && t.Node != FakeNetwork.RefereeKey.Node ? FakeAuditor.Copies : FakeAuditor.Honest;

        var (_, view) = await RunAsync(platform, "sampled");

        view.GetProperty("finality").GetString().ShouldBe("final", view.GetRawText());
        var tasks = platform.Network.Court.AuditTasks.Where(t => t.Stage == 3).ToList();
        var real = tasks.Single(t => t.Audit == AuditId.Derive(platform.Network.Assignments.Items[0].Session, 3, 0, 0));
        var planted = tasks.Single(t => t.Inputs != real.Inputs && t.Node != FakeNetwork.RefereeKey.Node);
        planted.ShouldSatisfyAllConditions(
            t => t.Node.ShouldNotBe(real.Node, "who has seen the right inputs could tell"),
            t => t.Mode.ShouldBe(mode),
            t => t.Chunks.ShouldBe(real.Chunks),
            t => t.InputBytes.ShouldBe(real.InputBytes),
            t => t.Draws!.Tokens.ShouldBe(real.Draws!.Tokens));
        tasks.ShouldContain(t => t.Inputs == planted.Inputs && t.Node == FakeNetwork.RefereeKey.Node, "the referee has seen that the error shows");
        await ShouldHaveSlashedAsync(platform, (planted.Node, "lazy_audit"));
        await platform.ShouldBalanceAsync();
    }

    [Theory]
    [InlineData(AuditMode.Batched)]
    [InlineData(AuditMode.Exact)]
    public async Task Without_a_referee_a_planted_error_convicts_by_hashes_only(AuditMode mode)
    {
        await using var platform = await Platform.StartAsync(configure: o => o with { Audits = o.Audits with { Policy = Planting(mode), Referees = [] } });
        platform.Network.Court.Audits = t => t.Stage == 3 ? FakeAuditor.Copies : FakeAuditor.Honest;

        await RunAsync(platform, "sampled");

        (await SlashedAsync(platform)).Select(s => s.Fault).ShouldBe(mode == AuditMode.Exact ? ["lazy_audit"] : []);
    }

    /// <summary>Of the fake model only the last stage puts out floats.</summary>
    [Fact]
    public async Task An_audit_runs_in_large_passes_first_and_bit_by_bit_where_fingerprints_differ_or_there_are_none()
    {
        await using var platform = await Platform.StartAsync();
        platform.Network.Court.Audits = t => t.Stage == 3 ? FakeAuditor.Lies : FakeAuditor.Honest;

        var (_, view) = await RunAsync(platform, "sampled");

        view.GetProperty("checks").EnumerateArray().ShouldAllBe(c => c.GetProperty("verdict").GetString() == "passed");
        var tasks = platform.Network.Court.AuditTasks.ToLookup(t => t.Stage);
        tasks[3].Select(t => t.Mode).ShouldBe([AuditMode.Batched, AuditMode.Exact], ignoreOrder: true);
        tasks[3].Select(t => t.Node).Distinct().ShouldHaveSingleItem();
        for (int stage = 0; stage < 3; stage++)
            tasks[stage].ShouldHaveSingleItem().Mode.ShouldBe(AuditMode.Exact);
        await ShouldHaveSlashedAsync(platform, (tasks[3].First().Node, "false_accusation"));
    }

    [Fact]
    public async Task A_silent_auditor_is_replaced()
    {
        await using var platform = await Platform.StartAsync();
        NodeId? silent = null;
        platform.Network.Court.Audits = t => t.Stage == 1 && (silent ??= t.Node) == t.Node ? FakeAuditor.Silent : FakeAuditor.Honest;

        var (_, view) = await RunAsync(platform, "sampled");

        view.GetProperty("finality").GetString().ShouldBe("final", view.GetRawText());
        view.GetProperty("checks").EnumerateArray().ShouldAllBe(c => c.GetProperty("verdict").GetString() == "passed");
        platform.Network.Court.AuditTasks.Where(t => t.Stage == 1).Select(t => t.Node).Distinct().Count().ShouldBe(2);
        await ShouldHaveSlashedAsync(platform);
    }

    [Fact]
    public async Task A_dispute_outlives_the_control_plane()
    {
        // A restart must fit into the time for an answer, however slow the machine is.
        await using var platform = await Platform.StartAsync(configure: o => o with { Audits = o.Audits with { Disputes = o.Audits.Disputes with { AnswerTime = TimeSpan.FromMinutes(1) } } });
        var asked = new TaskCompletionSource();
        bool blocked = true;
        platform.Network.Behave = _ => new Script { Falsifies = stage => stage == 1 };
        platform.Network.Court.Silent = _ =>
        {
            asked.TrySetResult();
            return Volatile.Read(ref blocked);
        };
        using var client = platform.Client();
        using var submitted = await client.PostAsync("/api/jobs", Body(platform, "sampled"), Cancel);
        string job = submitted.Headers.GetValues("x-orchestrator-job").Single();
        await Eventually.Ends(asked.Task, () => "no dispute began");

        await platform.RestartControlPlaneAsync();
        Volatile.Write(ref blocked, false);

        var view = await EndAsync(platform, job);
        view.GetProperty("status").GetString().ShouldBe("overturned", view.GetRawText());
        await ShouldHaveSlashedAsync(platform, (platform.Network.Assignments.Items.First(a => a.Job.Value == job && a.Stage == 1).Node, "wrong_result"));
        await platform.ShouldBalanceAsync();
    }

    [Theory]
    [InlineData(false, "wrong_result")]
    [InlineData(true, "withholding")]
    public async Task A_chain_that_is_outvoted_is_blamed_down_to_its_stage_and_proven_wrong(bool withholds, string fault)
    {
        await using var platform = await Platform.StartAsync();
        platform.Network.Behave = a => a.Chain == 1 ? new Script { Falsifies = stage => stage == 2 } : Script.Honest;
        platform.Network.Court.Withholds = r => withholds && r.Kind == EvidenceKind.Inputs && platform.Network.Assignments.Items.Any(a => a.Session == r.Session && a is { Chain: 1, Stage: 2 } && r.Stage == 2);

        var (job, view) = await RunAsync(platform, "redundant:2");

        view.GetProperty("finality").GetString().ShouldBe("final", view.GetRawText());
        view.GetProperty("orchestrator").GetProperty("chains").EnumerateArray().Select(c => c.GetProperty("chain").GetInt32()).ShouldBe([0, 2]);
        await Eventually.Holds(async () => await SlashedAsync(platform) is { Count: > 0 }, () => "nobody is slashed");
        await ShouldHaveSlashedAsync(platform, (platform.Network.Assignments.Items.First(a => a.Job.Value == job && a is { Chain: 1, Stage: 2 }).Node, fault));
        await platform.ShouldBalanceAsync();
    }

    [Theory]
    [InlineData('Y', "check me", true)]
    [InlineData('.', "check me twice, and then once more", true)]
    [InlineData('Y', "check me", false)]
    public async Task A_chain_that_is_outvoted_by_other_tokens_is_blamed_down_to_its_stage(char lied, string question, bool falsifies)
    {
        await using var platform = await Platform.StartAsync();
        platform.Network.Behave = a => a.Chain == 1 ? new Script { Falsifies = stage => falsifies && stage == 2, Lie = t => t == lied ? 'Z' : t } : Script.Honest;
        platform.Network.Court.WrongDraws = draws => !falsifies && draws.Tokens[0] == 'Z';

        var (job, view) = await RunAsync(platform, "redundant:2", question);

        view.GetProperty("finality").GetString().ShouldBe("final", view.GetRawText());
        view.GetProperty("orchestrator").GetProperty("chains").EnumerateArray().Select(c => c.GetProperty("chain").GetInt32()).ShouldBe([0, 2]);
        await Eventually.Holds(async () => await SlashedAsync(platform) is { Count: > 0 }, () => "nobody is slashed");
        int guilty = falsifies ? 2 : 3;
        await ShouldHaveSlashedAsync(platform, (platform.Network.Assignments.Items.First(a => a.Job.Value == job && a.Chain == 1 && a.Stage == guilty).Node, "wrong_result"));
        platform.Network.Court.AuditTasks.IsEmpty.ShouldBe(lied == '.', "leaves before the first token that differs need nobody to compute");
        await platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task Where_there_are_hosts_for_two_chains_only_the_referee_decides_between_them()
    {
        await using var platform = await Platform.StartAsync(nodes: 8, chains: 2, configure: o => o with { JobDeadline = TimeSpan.FromSeconds(20) });
        platform.Network.Behave = a => a.Chain == 0 ? new Script { Falsifies = stage => stage == 1, Lie = t => t == 'Y' ? 'Z' : t } : Script.Honest;

        var (job, view) = await RunAsync(platform, "redundant:2");

        await Eventually.Holds(async () => await SlashedAsync(platform) is { Count: > 0 }, () => "nobody is slashed");
        await ShouldHaveSlashedAsync(platform, (platform.Network.Assignments.Items.First(a => a.Job.Value == job && a is { Chain: 0, Stage: 1 }).Node, "wrong_result"));
        view.GetProperty("status").GetString().ShouldBe("failed", "two chains without the cheater are not to be had");
        await platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task Chains_that_all_differ_are_decided_by_the_referee_and_never_by_chance()
    {
        await using var platform = await Platform.StartAsync(nodes: 16, chains: 4);
        platform.Network.Behave = a => a.Attempt == 0 ? new Script { Falsifies = stage => stage == a.Chain } : Script.Honest;

        var (job, view) = await RunAsync(platform, "redundant:2");

        view.GetProperty("status").GetString().ShouldBe("completed", view.GetRawText());
        var cheats = platform.Network.Assignments.Items.Where(a => a.Job.Value == job && a.Attempt == 0 && a.Stage == a.Chain).DistinctBy(a => a.Chain).ToDictionary(a => a.Chain, a => a.Node);
        var slashed = await SlashedAsync(platform);
        slashed.ShouldAllBe(s => cheats.Values.Contains(s.Node) && s.Fault == "wrong_result");
        slashed.Count.ShouldBeGreaterThanOrEqualTo(2);
        await platform.ShouldBalanceAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_edge_that_signs_two_answers_is_slashed_for_it_whichever_replica_gets_the_second(bool restarted)
    {
        await using var platform = await Platform.StartAsync();
        var (job, _) = await RunAsync(platform, "none");
        if (restarted)
            await platform.RestartControlPlaneAsync();
        var edge = platform.Network.Assignments.Items.First(a => a.Job.Value == job && a.Stage == 0);
        var other = new ChainResult(
            ChainResult.CurrentSchema, edge.Node, edge.Job, edge.Session, edge.Chain, edge.Attempt, 3, [new ChoiceResult([65], "A", FinishReason.Length)], [],
            new ChainTiming(1, 1, 1), null, edge.Edge!.StreamTokenDigest);

        await platform.Network.PersistAsync(
            Topics.Results, MessageSigning.Seal(MessageTypes.ChainResult, other, ContractsJson.Default.ChainResult, platform.Network.Node(edge.Node).Key));

        await Eventually.Holds(async () => await SlashedAsync(platform) is { Count: > 0 }, () => "nobody is slashed");
        await ShouldHaveSlashedAsync(platform, (edge.Node, "contradiction"));
    }

    [Fact]
    public async Task Whoever_is_staked_can_prove_a_provisional_answer_wrong()
    {
        await using var platform = await Platform.StartAsync(configure: o => o with { Audits = o.Audits with { ChallengeWindow = TimeSpan.FromHours(1) } });
        platform.Network.Court.Audits = _ => FakeAuditor.Silent;
        platform.Network.Behave = _ => new Script { Falsifies = stage => stage == 1 };

        var (job, dispute) = await ChallengeAsync(platform, lie: false);

        (await EndAsync(platform, job)).GetProperty("status").GetString().ShouldBe("overturned");
        (await platform.GetAsync<JsonElement>($"/api/disputes/{dispute}")).GetProperty("outcome").GetString().ShouldBe("overturned");
        await ShouldHaveSlashedAsync(platform, (platform.Network.Assignments.Items.First(a => a.Job.Value == job && a.Stage == 1).Node, "wrong_result"));
    }

    [Fact]
    public async Task A_challenge_without_reason_costs_its_bond()
    {
        await using var platform = await Platform.StartAsync(configure: o => o with { Audits = o.Audits with { ChallengeWindow = TimeSpan.FromHours(1) } });

        var (job, dispute) = await ChallengeAsync(platform, lie: true);

        await Eventually.Holds(async () => await platform.Workflows.GetAsync(dispute, Cancel) is { IsFinished: true }, () => "the dispute does not end", limitSeconds: 60);
        (await platform.GetAsync<JsonElement>($"/api/disputes/{dispute}")).GetProperty("outcome").GetString().ShouldBe("upheld");
        var challenger = platform.Network.Nodes[^1];
        (await SlashedAsync(platform)).ShouldBe([(challenger.Id, "false_accusation")]);
        var account = await platform.AccountAsync(challenger.Host);
        (account.Available + account.Held).ShouldBeLessThan(1_000_000 - 100_000, "stake and bond have left");
        (await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey)).GetProperty("finality").GetString().ShouldBe("provisional");
    }

    [Fact]
    public async Task A_challenge_after_the_window_is_refused_although_the_answer_is_still_provisional()
    {
        await using var platform = await Platform.StartAsync(configure: o => o with { Audits = o.Audits with { ReportPatience = TimeSpan.FromMinutes(10) } });
        // An audit that is waited for keeps the answer provisional.
        platform.Network.Court.Audits = _ => FakeAuditor.Silent;

        await ChallengeAsync(platform, lie: true, HttpStatusCode.Conflict, "window_closed");

        var account = await platform.AccountAsync(platform.Network.Nodes[^1].Host);
        account.Held.ShouldBe(0, "nothing is set aside for what is not heard");
    }

    [Fact]
    public void A_challenge_and_the_dispute_of_an_audit_by_one_node_are_two()
    {
        var (session, node) = (SessionId.Derive(JobId.New(TimeProvider.System), 0, 0), SigningKey.FromSeed(new byte[32]).Node);
        DisputeId.OfChallenge(session, 1, 0, node).ShouldNotBe(DisputeId.Derive(session, 1, 0, node));
    }

    /// <summary>Has the last node bond a stake and challenge stage 1 of a provisional answer; or, when that is to be refused, challenge it once its window is over.</summary>
    private static async Task<(string Job, string Dispute)> ChallengeAsync(Platform platform, bool lie, HttpStatusCode expected = HttpStatusCode.Accepted, string? code = null)
    {
        using var client = platform.Client();
        using var submitted = await client.PostAsync("/api/jobs", Body(platform, "optimistic"), Cancel);
        string job = submitted.Headers.GetValues("x-orchestrator-job").Single();
        JsonElement view = default;
        await Eventually.Holds(
            async () => (view = await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey)).GetProperty("status").GetString() == "provisional", () => view.GetRawText());
        var accused = platform.Network.Assignments.Items.First(a => a.Job.Value == job && a.Stage == 1);
        var challenger = platform.Network.Nodes[^1];
        challenger.Id.ShouldNotBe(accused.Node);
        using var admin = platform.Client(Platform.AdminKey);
        using var credited = await admin.PostAsync(
            $"/api/accounts/{challenger.Host}/credit", Platform.Json("""{"event_id":"seed-money","amount":1000000}"""), Cancel);
        credited.StatusCode.ShouldBe(HttpStatusCode.OK, await credited.Content.ReadAsStringAsync(Cancel));
        using var bonded = await admin.PostAsync($"/api/nodes/{challenger.Id}/stake/bond", Platform.Json("""{"amount":100000}"""), Cancel);
        bonded.StatusCode.ShouldBe(HttpStatusCode.OK, await bonded.Content.ReadAsStringAsync(Cancel));
        int[] prompt = TokenizerFactory.Create(TokenizerSpec.ByteDefault).Encode(new Prompt(null, [new ChatMessage("user", "check me")]));
        int[] tokens = [.. view.GetProperty("choices")[0].GetProperty("tokens").EnumerateArray().Select(t => t.GetInt32())];
        var right = platform.Network.Stages.Run(prompt, tokens, null)[1].Chunks[0].Output;
        if (code is not null)
            await Eventually.Holds(async () => FinalAt(await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey)) < platform.Clock.GetUtcNow(), () => "the window stays open");
        string claim = (lie ? Digest.Of([1]) : right).Value;
        using var challenged = await admin.PostAsync(
            "/api/disputes",
            Platform.Json(JsonSerializer.Serialize(new
            {
                job,
                session = accused.Session.Value,
                stage = 1,
                choice = 0,
                node = challenger.Id.Value,
                claims = new[] { new { chunk = 0, output = claim } },
            })),
            Cancel);
        string answer = await challenged.Content.ReadAsStringAsync(Cancel);
        challenged.StatusCode.ShouldBe(expected, answer);
        if (code is not null)
        {
            JsonDocument.Parse(answer).RootElement.GetProperty("error").GetProperty("code").GetString().ShouldBe(code);
            return (job, "");
        }

        return (job, JsonDocument.Parse(answer).RootElement.GetProperty("dispute").GetString()!);
    }

    private static DateTimeOffset FinalAt(JsonElement job) => job.GetProperty("orchestrator").GetProperty("assurance").GetProperty("final_at").GetDateTimeOffset();

    private static async Task<(string Job, JsonElement View)> RunAsync(Platform platform, string assurance, string question = "check me")
    {
        using var client = platform.Client();
        using var submitted = await client.PostAsync("/api/jobs", Body(platform, assurance, question), Cancel);
        submitted.StatusCode.ShouldBe(HttpStatusCode.Accepted, await submitted.Content.ReadAsStringAsync(Cancel));
        string job = submitted.Headers.GetValues("x-orchestrator-job").Single();
        return (job, await EndAsync(platform, job));
    }

    private static async Task<JsonElement> EndAsync(Platform platform, string job)
    {
        await platform.Workflows.WaitForCompletionAsync(job, Cancel).WaitAsync(TimeSpan.FromSeconds(90), Cancel);
        return await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey);
    }

    /// <summary>Every audit comes with a planted error.</summary>
    private static AuditPolicy Planting(AuditMode mode) => AuditPolicy.Default with { PlantedShare = 1, PlantedExactShare = 1, ExactShare = mode == AuditMode.Exact ? 1 : 0 };

    private static async Task ShouldHaveSlashedAsync(Platform platform, params (NodeId Node, string Fault)[] guilty) =>
        (await SlashedAsync(platform)).ShouldBe(guilty, ignoreOrder: true);

    private static async Task<IReadOnlyList<(NodeId Node, string Fault)>> SlashedAsync(Platform platform)
    {
        List<(NodeId, string)> slashed = [];
        foreach (var node in platform.Network.Nodes)
        {
            var view = await platform.GetAsync<JsonElement>($"/api/nodes/{node.Id}");
            slashed.AddRange(view.GetProperty("trust").GetProperty("slashes").EnumerateArray().Select(s => (node.Id, s.GetProperty("fault").GetString()!)));
        }

        return slashed;
    }

    private static StringContent Body(Platform platform, string assurance, string question = "check me") => Platform.Json(
        $$$"""{"model":"{{{platform.Model.Manifest.Name}}}","messages":[{"role":"user","content":"{{{question}}}"}],"max_tokens":60,"orchestrator":{"assurance":"{{{assurance}}}"}}""");
}
