using System.Net;
using System.Text.Json;
using Dapr.Actors.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Availability;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.Core.Availability;
using Orchestrator.Durable;
using Orchestrator.TestKit;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>Who withholds what its receipt says it keeps is slashed, alone or with its whole chain; who can answer is not, whatever others say.</summary>
public sealed class WithholdingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_that_withholds_its_evidence_loses(bool evict)
    {
        await using var platform = await Platform.StartAsync(evict: evict);
        platform.Network.Court.Withholds = r => r.Stage == 2;

        var (job, view) = await RunAsync(platform);

        view.GetProperty("status").GetString().ShouldBe("overturned", view.GetRawText());
        var guilty = NodeOf(platform, job, 2);
        (await SlashedAsync(platform)).ShouldBe([(guilty, "withholding")]);
        var demand = (await DemandsAsync(platform)).Single();
        demand.GetProperty("outcome").GetString().ShouldBe("withheld");
        demand.GetProperty("node").GetString().ShouldBe(guilty.Value);
        platform.Network.Witnesses.Tasks.ShouldAllBe(t => t.Node == FakeNetwork.RefereeKey.Node || platform.Network.Node(t.Node).Host != platform.Network.Node(guilty).Host);
        platform.Network.Witnesses.Tasks.Select(t => t.Round).Distinct().Count().ShouldBeGreaterThanOrEqualTo(2);
        await platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_whole_chain_that_withholds_is_slashed_although_no_neighbour_speaks()
    {
        await using var platform = await Platform.StartAsync();
        platform.Network.Court.Withholds = _ => true;

        var (job, view) = await RunAsync(platform);

        view.GetProperty("status").GetString().ShouldBe("overturned", view.GetRawText());
        await Eventually.Holds(async () => (await SlashedAsync(platform)).Count == 4, () => "not all are slashed", limitSeconds: 60);
        (await SlashedAsync(platform)).ShouldBe(Enumerable.Range(0, 4).Select(stage => (NodeOf(platform, job, stage), "withholding")), ignoreOrder: true);
        await platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task Without_witnesses_that_speak_withheld_evidence_slashes_nobody_and_costs_nothing()
    {
        await using var platform = await Platform.StartAsync(configure: o => o with { Audits = o.Audits with { ReportPatience = TimeSpan.FromSeconds(1) } });
        platform.Network.Court.Withholds = _ => true;
        platform.Network.Witnesses.Behave = _ => FakeWitness.Silent;

        var (_, view) = await RunAsync(platform);

        view.GetProperty("status").GetString().ShouldBe("overturned", view.GetRawText());
        await EndAllAsync(platform);
        (await SlashedAsync(platform)).ShouldBeEmpty();
        await platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_node_that_witnesses_do_not_reach_withholds_while_the_platform_hears_from_it()
    {
        await using var platform = await Platform.StartAsync();
        platform.Network.Court.Withholds = r => r.Stage == 2;
        platform.Network.Witnesses.Behave = _ => FakeWitness.ReachesNobody;

        var (job, _) = await RunAsync(platform);

        (await SlashedAsync(platform)).ShouldBe([(NodeOf(platform, job, 2), "withholding")]);
    }

    [Fact]
    public async Task The_platform_hears_from_a_node_for_as_long_as_its_heartbeats_come()
    {
        await using var platform = await Platform.StartAsync();
        var (actors, options) = (platform.Services.GetRequiredService<IActorProxyFactory>(), platform.Services.GetRequiredService<ControlPlaneOptions>());
        var node = platform.Network.Nodes[0].Id;
        var context = new ActivityContext("", "", "", 1, Cancel);

        var doors = platform.Services.GetRequiredService<NodeDoors>();
        (await new HearNodeActivity(actors, doors, options, TimeProvider.System).RunAsync(context, new NodeToHear(node))).ShouldBe(new NodeHearing(true, true));
        var later = new FakeTimeProvider(DateTimeOffset.UtcNow + options.Liveness.HeartbeatInterval * (options.Liveness.MissedHeartbeats + 1));
        (await new HearNodeActivity(actors, doors, options, later).RunAsync(context, new NodeToHear(node))).ShouldBe(new NodeHearing(false, false));
        using var stranger = SigningKey.FromSeed(new byte[32]);
        (await new HearNodeActivity(actors, doors, options, TimeProvider.System).RunAsync(context, new NodeToHear(stranger.Node))).ShouldBe(new NodeHearing(false, false));
    }

    [Fact]
    public async Task A_node_that_does_not_reach_the_door_gets_no_checked_work_until_it_does()
    {
        await using var platform = await Platform.StartAsync(nodes: 4, chains: 1, shut: n => n == 2);
        var shut = platform.Network.Nodes[2];

        using var client = platform.Client();
        using var refused = await client.PostAsync("/v1/chat/completions", Body(platform), Cancel);
        string said = await refused.Content.ReadAsStringAsync(Cancel);
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable, said);
        said.ShouldContain("1 that have not shown that they can answer demands of evidence");
        (await platform.GetAsync<JsonElement>($"/api/nodes/{shut.Id}")).GetProperty("unchecked").GetString()!.ShouldContain("never shown");
        using var plain = await client.PostAsync("/v1/chat/completions", Body(platform, "none"), Cancel);
        plain.StatusCode.ShouldBe(HttpStatusCode.OK, await plain.Content.ReadAsStringAsync(Cancel));

        platform.Network.Witnesses.Shut = _ => false;
        await Eventually.Holds(
            async () =>
            {
                await platform.Network.BeatAsync(shut);
                return (await platform.GetAsync<JsonElement>($"/api/nodes/{shut.Id}")).GetProperty("unchecked").ValueKind == JsonValueKind.Null;
            },
            () => "the node is not asked again");
        foreach (var node in platform.Network.Nodes)
            await platform.KnownAsync(node, known => known.DoorProvenAt is not null);
        using var answered = await client.PostAsync("/v1/chat/completions", Body(platform), Cancel);
        answered.StatusCode.ShouldBe(HttpStatusCode.OK, await answered.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task What_was_signed_long_ago_or_by_another_proves_no_door()
    {
        await using var platform = await Platform.StartAsync(nodes: 4, chains: 1, shut: _ => true);
        var (witnesses, a, b) = (platform.Network.Witnesses, platform.Network.Nodes[0], platform.Network.Nodes[1]);
        var door = new Uri(platform.Address, $"/api/demands/{DemandId.OfDoor(a.Id)}/answer");

        (await witnesses.SendAsync(door, DemandId.OfDoor(a.Id), b.Id, [])).ShouldBe(HttpStatusCode.NotFound);
        (await witnesses.SendAsync(door, DemandId.OfDoor(a.Id), a.Id, [], DateTimeOffset.UtcNow.AddHours(-1))).ShouldBe(HttpStatusCode.NotFound);
        (await platform.GetAsync<JsonElement>($"/api/nodes/{a.Id}")).GetProperty("door_proven_at").ValueKind.ShouldBe(JsonValueKind.Null);
        (await witnesses.SendAsync(door, DemandId.OfDoor(a.Id), a.Id, [])).ShouldBe(HttpStatusCode.NoContent);
        (await platform.GetAsync<JsonElement>($"/api/nodes/{a.Id}")).GetProperty("door_proven_at").ValueKind.ShouldBe(JsonValueKind.String);
    }

    [Fact]
    public async Task What_a_node_left_unanswered_keeps_it_from_checked_work_for_as_long_as_it_had_promised()
    {
        await using var platform = await Platform.StartAsync(nodes: 4, chains: 1);
        var (actors, node) = (platform.Services.GetRequiredService<IActorProxyFactory>(), platform.Network.Nodes[1]);
        var demand = DemandId.Derive(SessionId.Derive(JobId.New(TimeProvider.System), 0, 0), 1, 0, EvidenceKind.Chunks, "test");
        var until = DateTimeOffset.UtcNow.AddHours(1);
        var owe = new OweActivity(actors, NullLogger<OweActivity>.Instance);

        (await owe.RunAsync(new ActivityContext("", "", "", 1, Cancel), new Owing(node.Id, demand, until))).ShouldBeTrue();
        (await owe.RunAsync(new ActivityContext("", "", "", 1, Cancel), new Owing(node.Id, demand, until.AddHours(-2)))).ShouldBeTrue();

        (await actors.Node(node.Id).GetAsync())!.OwesUntil.ShouldBe(until);
        (await platform.GetAsync<JsonElement>($"/api/nodes/{node.Id}")).GetProperty("unchecked").GetString()!.ShouldContain("left a demand of evidence unanswered");
    }

    [Fact]
    public async Task Witnesses_that_cover_for_a_node_only_leave_the_question_open()
    {
        await using var platform = await Platform.StartAsync();
        platform.Network.Court.Withholds = r => r.Stage == 1;
        platform.Network.Witnesses.Behave = _ => FakeWitness.Covers;

        var (_, view) = await RunAsync(platform);

        view.GetProperty("status").GetString().ShouldBe("overturned", view.GetRawText());
        (await SlashedAsync(platform)).ShouldBeEmpty();
        (await DemandsAsync(platform)).Single().GetProperty("outcome").GetString().ShouldBe("open");
    }

    [Fact]
    public async Task A_node_that_answers_the_platform_is_not_slashed_whatever_witnesses_say()
    {
        await using var platform = await Platform.StartAsync(configure: Longer);
        platform.Network.Court.Withholds = r => r.Stage == 2;
        platform.Network.Witnesses.Silent = _ => false;
        platform.Network.Witnesses.Behave = _ => FakeWitness.Accuses;

        var (_, view) = await RunAsync(platform);

        view.GetProperty("finality").GetString().ShouldBe("final", view.GetRawText());
        (await SlashedAsync(platform)).ShouldBeEmpty();
        (await DemandsAsync(platform)).ShouldAllBe(d => d.GetProperty("outcome").GetString() == "answered");
        platform.Network.Witnesses.Demands.Select(d => d.Kind).Distinct().ShouldBe([EvidenceKind.Chunks, EvidenceKind.Inputs], ignoreOrder: true);
        await platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task What_a_witness_is_served_counts_as_served()
    {
        await using var platform = await Platform.StartAsync(configure: Longer);
        var network = platform.Network;
        network.Court.Withholds = r => r.Stage == 2 && !network.Witnesses.Tasks.Any(t => Expiry(t) == r.ExpiresAt);
        network.Witnesses.Silent = _ => true;

        var (_, view) = await RunAsync(platform);

        view.GetProperty("finality").GetString().ShouldBe("final", view.GetRawText());
        (await SlashedAsync(platform)).ShouldBeEmpty();
        network.Witnesses.Reports.ShouldContain(r => r.Saw == Sighting.Served);
    }

    [Fact]
    public async Task Only_the_node_and_its_witnesses_may_answer_and_only_what_fits_is_taken()
    {
        await using var platform = await Platform.StartAsync(configure: Longer);
        var network = platform.Network;
        // Never served otherwise than here: the demand would be over as soon as a witness had got it.
        network.Court.Withholds = r => r is { Stage: 2, Kind: EvidenceKind.Chunks };
        using var client = platform.Client();
        using var submitted = await client.PostAsync("/api/jobs", Body(platform), Cancel);
        string job = submitted.Headers.GetValues("x-orchestrator-job").Single();
        await Eventually.Holds(() => Task.FromResult(!network.Witnesses.Demands.IsEmpty), () => "nothing is demanded");
        var demand = network.Witnesses.Demands.First();
        IReadOnlyList<string?> witnesses = [];
        await Eventually.Holds(
            async () => (witnesses = [.. (await platform.GetAsync<JsonElement>($"/api/demands/{demand.Demand}")).GetProperty("witnesses").EnumerateArray().Select(w => w.GetString())]).Count > 0,
            () => "no witnesses are drawn");
        var stranger = network.Nodes.First(n => n.Id != demand.Node && !witnesses.Contains(n.Id.Value));
        byte[] file = network.Court.File(demand.Node, demand.Session, demand.Stage, demand.Choice, demand.Kind)!;

        using var anonymous = await client.PostAsync(demand.AnswerTo, new ByteArrayContent(file), Cancel);
        anonymous.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await network.Witnesses.SendAsync(demand.AnswerTo, demand.Demand, stranger.Id, file)).ShouldBe(HttpStatusCode.Forbidden);
        (await network.Witnesses.SendAsync(demand.AnswerTo, demand.Demand, demand.Node, [.. file.SkipLast(1)])).ShouldBe(HttpStatusCode.BadRequest);
        (await network.Witnesses.SendAsync(demand.AnswerTo, demand.Demand, demand.Node, [.. file, 0])).ShouldBe(HttpStatusCode.BadRequest);
        (await network.Witnesses.SendAsync(demand.AnswerTo, demand.Demand, demand.Node, file)).ShouldBe(HttpStatusCode.OK);

        await platform.Workflows.WaitForCompletionAsync(job, Cancel).WaitAsync(TimeSpan.FromSeconds(90), Cancel);
        (await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey)).GetProperty("finality").GetString().ShouldBe("final");
        (await network.Witnesses.SendAsync(demand.AnswerTo, demand.Demand, demand.Node, file)).ShouldBe(HttpStatusCode.NotFound);
        (await SlashedAsync(platform)).ShouldBeEmpty();
    }

    private static DateTimeOffset Expiry(WitnessTask task) =>
        MessageSigning.TryOpen(task.Request, MessageTypes.EvidenceRequest, ContractsJson.Default.EvidenceRequest, out var request, out _) ? request.ExpiresAt : default;

    /// <summary>The node of the chain that answered, which is the last.</summary>
    private static NodeId NodeOf(Platform platform, string job, int stage) =>
        platform.Network.Assignments.Items.Where(a => a.Job.Value == job && a.Stage == stage).MaxBy(a => a.Attempt)!.Node;

    /// <summary>So much time that no demand ends before it can be answered.</summary>
    private static ControlPlaneOptions Longer(ControlPlaneOptions options) =>
        options with { Audits = options.Audits with { Availability = options.Audits.Availability with { Window = TimeSpan.FromMinutes(1) } } };

    private static async Task<(string Job, JsonElement View)> RunAsync(Platform platform)
    {
        using var client = platform.Client();
        using var submitted = await client.PostAsync("/api/jobs", Body(platform), Cancel);
        submitted.StatusCode.ShouldBe(HttpStatusCode.Accepted, await submitted.Content.ReadAsStringAsync(Cancel));
        string job = submitted.Headers.GetValues("x-orchestrator-job").Single();
        await platform.Workflows.WaitForCompletionAsync(job, Cancel).WaitAsync(TimeSpan.FromSeconds(90), Cancel);
        return (job, await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey));
    }

    private static async Task EndAllAsync(Platform platform)
    {
        await foreach (var state in platform.Workflows.ListAsync(cancellationToken: Cancel))
            await platform.Workflows.WaitForCompletionAsync(state.InstanceId, Cancel).WaitAsync(TimeSpan.FromSeconds(90), Cancel);
    }

    private static async Task<IReadOnlyList<JsonElement>> DemandsAsync(Platform platform) =>
        [.. (await platform.GetAsync<JsonElement>("/api/demands", Platform.UserKey)).GetProperty("demands").EnumerateArray()];

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

    private static StringContent Body(Platform platform, string assurance = "sampled") => Platform.Json(
        $$$"""{"model":"{{{platform.Model.Manifest.Name}}}","messages":[{"role":"user","content":"check me"}],"max_tokens":60,"orchestrator":{"assurance":"{{{assurance}}}"}}""");
}
