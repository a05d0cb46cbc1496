using Orchestrator.Contracts;
using Orchestrator.TestKit;
using Orchestrator.Verification;
using Orchestrator.Worker.Tests.Network;

namespace Orchestrator.Worker.Tests.Availability;

/// <summary>Nodes answer demands by themselves, and look for the platform whether others serve.</summary>
public sealed class AvailabilityTests
{
    private const string Question = "What is kept?";

    [Fact]
    public async Task A_node_answers_a_demand_to_the_platform_until_it_is_heard()
    {
        await using var network = await TestNetwork.StartAsync(1, "ok");
        await using var door = await AnswerDoor.StartAsync();
        var result = await network.AskAsync(network.Assignments(Question));
        door.Statuses.Clear();
        foreach (int status in (int[])[503, 200])
            door.Statuses.Enqueue(status);

        var demand = Demand(network, result.Session, EvidenceKind.Inputs, door.Address);
        await network.DeliverAsync(0, MessageTypes.EvidenceDemand, demand, ContractsJson.Default.EvidenceDemand);

        await Eventually.Holds(() => Task.FromResult(!door.Came.IsEmpty), () => "no answer comes");
        door.Came.TryPeek(out var came);
        came.Sender.ShouldBe(network.Nodes[0].Node);
        came.Demand.ShouldBe(demand.Demand);
        var committed = ChainTests.Receipts(result)[0].Choices[0];
        InputFile.Mismatch(new MemoryStream(came.File), network.Model.Stages[0], result.PromptTokens, committed).ShouldBeNull();
    }

    [Fact]
    public async Task Only_the_platforms_demands_are_answered()
    {
        await using var network = await TestNetwork.StartAsync(1, "ok");
        await using var door = await AnswerDoor.StartAsync();
        var result = await network.AskAsync(network.Assignments(Question));
        using var stranger = SigningKey.FromSeed(new byte[32]);
        var demand = Demand(network, result.Session, EvidenceKind.Chunks, door.Address);

        await network.DeliverAsync(0, MessageTypes.EvidenceDemand, demand, ContractsJson.Default.EvidenceDemand, stranger);
        await network.DeliverAsync(0, MessageTypes.EvidenceDemand, demand with { Node = stranger.Node }, ContractsJson.Default.EvidenceDemand);
        await network.DeliverAsync(0, MessageTypes.EvidenceDemand, demand with { Stage = -1 }, ContractsJson.Default.EvidenceDemand);
        await network.DeliverAsync(0, MessageTypes.EvidenceDemand, demand, ContractsJson.Default.EvidenceDemand);

        await Eventually.Holds(() => Task.FromResult(!door.Came.IsEmpty), () => "no answer comes");
        door.Came.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_node_shows_the_platform_that_it_reaches_the_door_when_it_is_asked()
    {
        await using var network = await TestNetwork.StartAsync(1, "ok");
        await using var door = await AnswerDoor.StartAsync();
        var self = network.Nodes[0].Node;
        using var stranger = SigningKey.FromSeed(new byte[32]);
        var check = new DoorCheck(DoorCheck.CurrentSchema, self, door.Address, DateTimeOffset.UtcNow.AddMinutes(1));

        await network.DeliverAsync(0, MessageTypes.DoorCheck, check, ContractsJson.Default.DoorCheck, stranger);
        await network.DeliverAsync(0, MessageTypes.DoorCheck, check with { Node = stranger.Node }, ContractsJson.Default.DoorCheck);
        await network.DeliverAsync(0, MessageTypes.DoorCheck, check with { AnswerTo = new Uri("ftp://platform/answer") }, ContractsJson.Default.DoorCheck);
        await network.DeliverAsync(0, MessageTypes.DoorCheck, check, ContractsJson.Default.DoorCheck);

        await Eventually.Holds(() => Task.FromResult(!door.Came.IsEmpty), () => "nobody knocks");
        var came = door.Came.ShouldHaveSingleItem();
        (came.Sender, came.Demand).ShouldBe((self, DemandId.OfDoor(self)));
        came.File.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_witness_passes_on_what_it_is_served_and_says_what_it_saw()
    {
        await using var network = await TestNetwork.StartAsync(2, "ok");
        await using var door = await AnswerDoor.StartAsync();
        var result = await network.AskAsync(network.Assignments(Question));

        (await LookAsync(network, result.Session, 0, door.Address)).ShouldBe(Sighting.Served);
        door.Came.TryPeek(out var came);
        came.Sender.ShouldBe(network.Nodes[1].Node);
        ChunkFile.TryRead(came.File, ChainTests.Receipts(result)[0].Choices[0], out _, out string? error).ShouldBeTrue(error);

        (await LookAsync(network, SessionId.Derive(JobId.New(TimeProvider.System), 0, 0), 1, door.Address)).ShouldBe(Sighting.Refused);
        (await LookAsync(network, result.Session, 2, door.Address, t => t with { Certificate = Digest.Of([1]) })).ShouldBe(Sighting.Unreachable);
        (await LookAsync(network, result.Session, 3, door.Address, t => t with { MostBytes = 10 })).ShouldBe(Sighting.Unfit);
        door.Statuses.Clear();
        door.Statuses.Enqueue(400);
        (await LookAsync(network, result.Session, 4, door.Address)).ShouldBe(Sighting.Unfit);
    }

    [Fact]
    public async Task A_witness_blames_nobody_while_answers_could_not_reach_the_platform()
    {
        await using var network = await TestNetwork.StartAsync(2, "ok");
        // Port 9 of loopback: nobody listens.
        var gone = new Uri("http://127.0.0.1:9/answer");
        var result = await network.AskAsync(network.Assignments(Question));

        (await LookAsync(network, result.Session, 0, gone)).ShouldBe(Sighting.NotPassedOn);
        (await LookAsync(network, SessionId.Derive(JobId.New(TimeProvider.System), 0, 0), 1, gone)).ShouldBe(Sighting.NotPassedOn);
    }

    /// <summary>Has node 1 look at node 0.</summary>
    internal static async Task<Sighting> LookAsync(TestNetwork network, SessionId session, int round, Uri answerTo, Func<WitnessTask, WitnessTask>? change = null)
    {
        var (accused, witness) = (network.Nodes[0], network.Nodes[1]);
        var expires = DateTimeOffset.UtcNow.AddMinutes(5).AddSeconds(round);
        var request = new EvidenceRequest(EvidenceRequest.CurrentSchema, accused.Node, session, 0, 0, EvidenceKind.Chunks, expires);
        var task = new WitnessTask(
            WitnessTask.CurrentSchema, witness.Node, DemandId.Derive(session, 0, 0, EvidenceKind.Chunks, "test"), round, accused.StreamEndpoint, accused.CertificateDigest,
            MessageSigning.Seal(MessageTypes.EvidenceRequest, request, ContractsJson.Default.EvidenceRequest, network.Platform), answerTo, 1 << 20, expires);
        task = change?.Invoke(task) ?? task;
        await network.DeliverAsync(1, MessageTypes.WitnessTask, task, ContractsJson.Default.WitnessTask);
        var report = await network.Bus.AuditMessageAsync(witness.Node, MessageTypes.WitnessReport, ContractsJson.Default.WitnessReport, r => r.Round == round);
        report.Demand.ShouldBe(task.Demand);
        return report.Saw;
    }

    private static EvidenceDemand Demand(TestNetwork network, SessionId session, EvidenceKind kind, Uri answerTo) => new(
        EvidenceDemand.CurrentSchema, network.Nodes[0].Node, DemandId.Derive(session, 0, 0, kind, "test"), session, 0, 0, kind, answerTo, DateTimeOffset.UtcNow.AddHours(1));
}
