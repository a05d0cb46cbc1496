using System.Net;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.Core.Audits;
using Orchestrator.TestKit;

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
        platform.Network.Court.RefereeTasks.Single().Step.ShouldBe(2, "the first operator whose output differs");
        platform.Network.Court.AuditTasks.ShouldAllBe(t => platform.Network.Node(t.Node).Host != platform.Network.Node(guilty).Host || t.Stage != 1);
        await platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_node_that_withholds_its_evidence_loses()
    {
        await using var platform = await Platform.StartAsync();
        platform.Network.Court.Withholds = r => r.Stage == 2;

        var (job, view) = await RunAsync(platform, "sampled");

        view.GetProperty("status").GetString().ShouldBe("overturned", view.GetRawText());
        await ShouldHaveSlashedAsync(platform, (platform.Network.Assignments.Items.First(a => a.Job.Value == job && a.Stage == 2).Node, "withholding"));
        await platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task Evidence_that_nobody_can_serve_slashes_nobody_and_costs_nothing()
    {
        await using var platform = await Platform.StartAsync();
        platform.Network.Court.Withholds = _ => true;

        var (_, view) = await RunAsync(platform, "sampled");

        view.GetProperty("status").GetString().ShouldBe("overturned", view.GetRawText());
        await ShouldHaveSlashedAsync(platform);
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

    [Fact]
    public async Task An_auditor_that_copies_is_caught_by_a_planted_error()
    {
        await using var platform = await Platform.StartAsync(configure: o => o with { Audits = o.Audits with { Policy = AuditPolicy.Default with { PlantedShare = 1 } } });
        platform.Network.Court.Audits = t => t.Stage == 3 ? FakeAuditor.Copies : FakeAuditor.Honest;

        var (_, view) = await RunAsync(platform, "sampled");

        view.GetProperty("finality").GetString().ShouldBe("final", view.GetRawText());
        await ShouldHaveSlashedAsync(platform, (platform.Network.Court.AuditTasks.First(t => t.Stage == 3).Node, "lazy_audit"));
        await platform.ShouldBalanceAsync();
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
        await using var platform = await Platform.StartAsync();
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

    private static async Task<(string Job, JsonElement View)> RunAsync(Platform platform, string assurance)
    {
        using var client = platform.Client();
        using var submitted = await client.PostAsync("/api/jobs", Body(platform, assurance), Cancel);
        submitted.StatusCode.ShouldBe(HttpStatusCode.Accepted, await submitted.Content.ReadAsStringAsync(Cancel));
        string job = submitted.Headers.GetValues("x-orchestrator-job").Single();
        return (job, await EndAsync(platform, job));
    }

    private static async Task<JsonElement> EndAsync(Platform platform, string job)
    {
        await platform.Workflows.WaitForCompletionAsync(job, Cancel).WaitAsync(TimeSpan.FromSeconds(90), Cancel);
        return await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey);
    }

    private static async Task ShouldHaveSlashedAsync(Platform platform, params (NodeId Node, string Fault)[] guilty)
    {
        List<(NodeId, string)> slashed = [];
        foreach (var node in platform.Network.Nodes)
        {
            var view = await platform.GetAsync<JsonElement>($"/api/nodes/{node.Id}");
            slashed.AddRange(view.GetProperty("trust").GetProperty("slashes").EnumerateArray().Select(s => (node.Id, s.GetProperty("fault").GetString()!)));
        }

        slashed.ShouldBe(guilty, ignoreOrder: true);
    }

    private static StringContent Body(Platform platform, string assurance) => Platform.Json(
        $$$"""{"model":"{{{platform.Model.Manifest.Name}}}","messages":[{"role":"user","content":"check me"}],"max_tokens":60,"orchestrator":{"assurance":"{{{assurance}}}"}}""");
}
