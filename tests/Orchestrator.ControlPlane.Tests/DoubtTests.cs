using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>One auditor's doubt voids nothing: a referee runs the stage again, and whoever was wrong pays. Audits that nobody can do are said to be not done.</summary>
public sealed class DoubtTests
{
    private static readonly ExecutionClass OtherClass = new("other/1", "cpu", "disabled", "fma");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lying_auditor_of_another_class_voids_nothing_and_pays()
    {
        await using var platform = await StartAsync();
        platform.Network.Court.Audits = t => t.Stage == 3 && t.Node != FakeNetwork.RefereeKey.Node ? FakeAuditor.Lies : FakeAuditor.Honest;

        var (_, view) = await RunAmongOthersAsync(platform);

        view.GetProperty("finality").GetString().ShouldBe("final", view.GetRawText());
        view.GetProperty("orchestrator").GetProperty("assurance").GetProperty("checked").GetString().ShouldBe("passed");
        var liar = platform.Network.Court.AuditTasks.First(t => t.Stage == 3 && t.Mode == AuditMode.Batched).Node;
        (await SlashedAsync(platform)).ShouldBe([(liar, "false_accusation")]);
        await platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_doubt_that_nobody_can_settle_leaves_the_answer_and_says_so()
    {
        await using var platform = await StartAsync(a => a with { ReportPatience = TimeSpan.FromSeconds(2) });
        platform.Network.Court.Audits = t => t.Node == FakeNetwork.RefereeKey.Node ? FakeAuditor.Silent : t.Stage == 3 ? FakeAuditor.Lies : FakeAuditor.Honest;

        var (_, view) = await RunAmongOthersAsync(platform);

        view.GetProperty("finality").GetString().ShouldBe("final", view.GetRawText());
        view.GetProperty("orchestrator").GetProperty("assurance").GetProperty("checked").GetString().ShouldBe("in doubt");
        view.GetProperty("checks").EnumerateArray().Single(c => c.GetProperty("stage").GetInt32() == 3).GetProperty("verdict").GetString().ShouldBe("undecided");
        (await SlashedAsync(platform)).ShouldBeEmpty();
        var doubter = platform.Network.Court.AuditTasks.First(t => t.Stage == 3 && t.Mode == AuditMode.Batched).Node;
        (await platform.GetAsync<JsonElement>($"/api/nodes/{doubter}")).GetProperty("trust").GetProperty("correctness").GetProperty("score").GetDouble()
            .ShouldBeLessThan(1, "a doubt that nobody could settle costs whoever voiced it");
    }

    [Fact]
    public async Task A_doubt_that_a_referee_confirms_is_proof()
    {
        await using var platform = await StartAsync();
        platform.Network.Behave = _ => new Script { Falsifies = stage => stage == 3 };
        platform.Network.Court.Audits = t => t.Stage == 3 && t.Node != FakeNetwork.RefereeKey.Node ? FakeAuditor.Lies : FakeAuditor.Honest;

        var (job, view) = await RunAmongOthersAsync(platform);

        view.GetProperty("finality").GetString().ShouldBe("overturned", view.GetRawText());
        (await SlashedAsync(platform)).ShouldBe([(platform.Network.Assignments.Items.First(a => a.Job.Value == job && a.Stage == 3).Node, "wrong_result")]);
        await platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task An_audit_that_nobody_can_do_is_said_to_be_not_done()
    {
        await using var platform = await Platform.StartAsync(nodes: 4, chains: 1, configure: o => o with { Audits = o.Audits with { Referees = [] } });
        using var client = platform.Client();
        using var submitted = await client.PostAsync("/api/jobs", Body(platform), Cancel);
        var view = await EndAsync(platform, submitted.Headers.GetValues("x-orchestrator-job").Single());

        view.GetProperty("finality").GetString().ShouldBe("final", view.GetRawText());
        view.GetProperty("checks").EnumerateArray().ShouldAllBe(c => c.GetProperty("verdict").GetString() == "not_done");
        view.GetProperty("orchestrator").GetProperty("assurance").GetProperty("checked").GetString().ShouldBe("none available");
    }

    [Fact]
    public async Task An_audit_that_no_node_can_do_is_done_by_a_referee()
    {
        await using var platform = await Platform.StartAsync(nodes: 4, chains: 1);
        platform.Network.Behave = _ => new Script { Falsifies = stage => stage == 2 };
        using var client = platform.Client();
        using var submitted = await client.PostAsync("/api/jobs", Body(platform), Cancel);
        string job = submitted.Headers.GetValues("x-orchestrator-job").Single();

        var view = await EndAsync(platform, job);

        view.GetProperty("finality").GetString().ShouldBe("overturned", view.GetRawText());
        (await SlashedAsync(platform)).ShouldBe([(platform.Network.Assignments.Items.First(a => a.Job.Value == job && a.Stage == 2).Node, "wrong_result")]);
        platform.Network.Court.AuditTasks.ShouldAllBe(t => t.Node == FakeNetwork.RefereeKey.Node && t.Mode == AuditMode.Exact);
    }

    [Fact]
    public async Task An_auditor_that_comes_while_patience_lasts_is_still_asked()
    {
        await using var platform = await Platform.StartAsync(
            nodes: 8, chains: 1, configure: o => o with { Audits = o.Audits with { Referees = [], AuditorPatience = TimeSpan.FromSeconds(30) } });
        using var client = platform.Client();
        using var submitted = await client.PostAsync("/api/jobs", Body(platform), Cancel);
        string job = submitted.Headers.GetValues("x-orchestrator-job").Single();
        await Eventually.Holds(
            async () => await platform.Workflows.ListAsync().AnyAsync(w => w.CustomStatusJson?.Contains("no auditor is there now", StringComparison.Ordinal) == true), () => "no audit waits for an auditor");

        using var admin = platform.Client(Platform.AdminKey);
        using var placed = await admin.PostAsync($"/api/models/{platform.Model.Manifest.Name}/place", Platform.Json("""{"chains":2}"""), Cancel);
        placed.EnsureSuccessStatusCode();

        var view = await EndAsync(platform, job);
        view.GetProperty("orchestrator").GetProperty("assurance").GetProperty("checked").GetString().ShouldBe("passed", view.GetRawText());
    }

    /// <summary>Evidence is waited for until the auditors' classes have changed, however slow the machine is.</summary>
    private static Task<Platform> StartAsync(Func<AuditOptions, AuditOptions>? configure = null) => Platform.StartAsync(nodes: 8, chains: 2, configure: o =>
    {
        var audits = o.Audits with { EvidencePatience = TimeSpan.FromMinutes(1) };
        return o with { Audits = configure?.Invoke(audits) ?? audits };
    });

    /// <summary>Runs a job whose possible auditors turn out to be of another class when its evidence is asked for.</summary>
    private static async Task<(string Job, JsonElement View)> RunAmongOthersAsync(Platform platform)
    {
        var network = platform.Network;
        var asked = new TaskCompletionSource();
        bool changed = false;
        network.Court.Withholds = _ =>
        {
            asked.TrySetResult();
            return !Volatile.Read(ref changed);
        };
        using var client = platform.Client();
        using var submitted = await client.PostAsync("/api/jobs", Body(platform), Cancel);
        string job = submitted.Headers.GetValues("x-orchestrator-job").Single();
        await Eventually.Ends(asked.Task, () => "no audit began");
        var chain = network.Assignments.Items.Where(a => a.Job.Value == job).Select(a => a.Node).ToHashSet();
        var others = network.Nodes.Where(n => !chain.Contains(n.Id)).ToList();
        foreach (var node in others)
            node.Class = OtherClass;
        await network.RegisterAsync();
        await network.BeatAsync();
        foreach (var node in others)
            await platform.KnownAsync(node, known => known.Record.Capability.Class == OtherClass);
        Volatile.Write(ref changed, true);
        return (job, await EndAsync(platform, job));
    }

    private static async Task<JsonElement> EndAsync(Platform platform, string job)
    {
        await platform.Workflows.WaitForCompletionAsync(job, Cancel).WaitAsync(TimeSpan.FromSeconds(90), Cancel);
        return await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey);
    }

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

    private static StringContent Body(Platform platform) => Platform.Json(
        $$$"""{"model":"{{{platform.Model.Manifest.Name}}}","messages":[{"role":"user","content":"check me"}],"max_tokens":60,"orchestrator":{"assurance":"sampled"}}""");
}
