using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Contracts;
using Orchestrator.Relay.Client;
using Orchestrator.Relay.Server;
using Orchestrator.Relay.Wire;
using Orchestrator.TestKit;
using Orchestrator.Worker.Tests.Availability;
using Orchestrator.Worker.Tests.Network;

namespace Orchestrator.Worker.Tests;

/// <summary>Chains whose nodes reach each other through a relay; the assignments know no other way unless a test says so.</summary>
public sealed class RelayTests : IAsyncDisposable
{
    private readonly X509Certificate2 certificate = RelayCertificate.Create(TimeProvider.System);
    private readonly RelayServer relay;

    public RelayTests()
    {
        relay = new RelayServer(new RelayOptions { Address = IPAddress.Loopback, Port = 0 }, certificate, new OpenAdmission(), TimeProvider.System);
        relay.Start();
    }

    private RelayEndpoint Endpoint => new($"127.0.0.1:{relay.Port}", relay.Certificate);

    [Fact]
    public async Task A_chain_that_nobody_can_dial_answers_through_the_relay()
    {
        await using var network = await StartAsync(3, "through the relay");
        var assignments = network.Assignments("q", change: a => Relayed(a, Endpoint));

        var result = await network.AskAsync(assignments);

        result.Failure.ShouldBeNull();
        result.Choices[0].Text.ShouldBe("through the relay");
        relay.Splices.ShouldBe(3, "one link for each hop, the way back included");
        await network.ShouldBeFreeAsync();
    }

    [Fact]
    public async Task A_record_without_a_direct_way_names_the_relay_and_nothing_to_dial()
    {
        await using var network = await StartAsync(1, "x");
        var record = await network.Bus.RecordAsync(network.Nodes[0].Node);
        record.SchemaVersion.ShouldBe(NodeRecord.RelaySchema);
        (record.DataEndpoint, record.Relay).ShouldBe(("", Endpoint));
        record.StreamEndpoint.ShouldBe(RelayEndpoint.HiddenStream(network.Nodes[0].Node));
    }

    [Fact]
    public async Task The_stream_api_is_reached_through_the_relay_under_the_nodes_own_certificate()
    {
        await using var network = await StartAsync(1, "streamed");
        var session = await network.AssignAsync(network.Assignments("q"));
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) => (await new RelayDialer(network.Platform).DialAsync(Endpoint, network.Nodes[0].Node, RelayPort.Stream, cancel)).Stream,
            SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => Digest.Of(presented!.GetRawCertData()) == network.Nodes[0].CertificateDigest },
        };
        using var http = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(RelayEndpoint.HiddenStream(network.Nodes[0].Node), $"/sessions/{session}/stream"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", network.StreamToken);

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("\"last\":true");
    }

    [Fact]
    public async Task A_direct_way_that_works_is_taken_although_there_is_a_relay()
    {
        using var time = new RunningClock();
        await using var network = await StartAsync(2, "direct", time);
        // A direct way's head start is short: on a busy machine the relay would come in.
        time.Hold();
        var result = await network.AskAsync(network.Assignments("q", change: a => Relayed(a, Endpoint, keepDirect: true)));
        result.Choices[0].Text.ShouldBe("direct");
        relay.Splices.ShouldBe(0);
    }

    [Fact]
    public async Task A_direct_way_that_leads_to_another_is_given_up_for_the_relay()
    {
        using var time = new RunningClock();
        await using var network = await StartAsync(2, "right", time);
        // The way back works and must not need longer than its head start either.
        time.Hold();
        // The edge is told an address where somebody else answers: itself.
        var result = await network.AskAsync(network.Assignments("q", change: a => Relayed(a, Endpoint, keepDirect: true) is var r && a.Stage == 0
            ? r with { Hops = [r.Hops[0], r.Hops[1] with { DataEndpoint = r.Hops[0].DataEndpoint }] }
            : r));
        result.Failure.ShouldBeNull();
        result.Choices[0].Text.ShouldBe("right");
        relay.Splices.ShouldBe(1);
    }

    [Fact]
    public async Task A_relay_that_leads_to_another_node_is_found_out()
    {
        await using var network = await StartAsync(3, "x");
        // The relay splices stage 0 to stage 2 when it asks for stage 1: all that a swap of targets can look like from outside.
        var result = await network.AskAsync(network.Assignments("q", change: a => Relayed(a, Endpoint) is var r && a.Stage == 0
            ? r with { Hops = [r.Hops[0], r.Hops[1] with { Node = r.Hops[2].Node }, r.Hops[2]] }
            : r));
        result.Failure!.ShouldSatisfyAllConditions(f => f.Code.ShouldBe(FailureCodes.Unreachable), f => f.Stage.ShouldBe(1));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(400)]
    [InlineData(1500)]
    public async Task A_relay_that_changes_a_byte_is_found_out(int at)
    {
        await using var network = await StartAsync(2, "x");
        await using var proxy = new TamperingRelay(certificate, network.Nodes[1].DataEndpoint, at);
        var result = await network.AskAsync(network.Assignments("q", change: a => Relayed(a, a.Stage == 0 ? proxy.Endpoint : Endpoint)));
        result.Failure.ShouldNotBeNull();
        proxy.Changed.ShouldBeTrue();
    }

    [Fact]
    public async Task A_relay_with_another_certificate_is_not_spoken_to()
    {
        await using var network = await StartAsync(2, "x");
        var result = await network.AskAsync(network.Assignments("q", change: a => Relayed(a, Endpoint with { Certificate = Digest.Of("another"u8) })));
        result.Failure!.Code.ShouldBe(FailureCodes.Unreachable);
        relay.Splices.ShouldBe(0);
    }

    [Fact]
    public async Task A_witness_looks_through_the_nodes_relay_and_blames_nobody_for_want_of_a_way()
    {
        await using var network = await StartAsync(2, "ok");
        await using var door = await AnswerDoor.StartAsync();
        var result = await network.AskAsync(network.Assignments("q", change: a => Relayed(a, Endpoint)));
        Uri hidden = RelayEndpoint.HiddenStream(network.Nodes[0].Node);
        WitnessTask Through(WitnessTask task, RelayEndpoint? relay) => task with { SchemaVersion = WitnessTask.SchemaFor(relay), Endpoint = hidden, Relay = relay };
        Task<Sighting> LookAsync(int round, RelayEndpoint? through) => AvailabilityTests.LookAsync(network, result.Session, round, door.Address, t => Through(t, through));

        (await LookAsync(0, Endpoint)).ShouldBe(Sighting.Served);
        (await LookAsync(1, Endpoint with { Certificate = Digest.Of("another"u8) })).ShouldBe(Sighting.NotPassedOn);
        (await LookAsync(2, null)).ShouldBe(Sighting.NotPassedOn);
        await using (var empty = new RelayServer(new RelayOptions { Address = IPAddress.Loopback, Port = 0 }, certificate, new OpenAdmission(), TimeProvider.System))
        {
            empty.Start();
            (await LookAsync(3, new($"127.0.0.1:{empty.Port}", empty.Certificate))).ShouldBe(Sighting.Unreachable);
        }
    }

    [Fact]
    public async Task A_relay_that_dies_in_an_answer_fails_it_clearly_and_the_next_is_answered_when_it_is_back()
    {
        await using var network = await StartAsync(2, "answered");
        using var gate = Gate.AtDecode(network.Loaders[1], 3);
        var session = await network.AssignAsync(network.Assignments("q", change: a => Relayed(a, Endpoint)));
        await gate.ReachedAsync();
        var endpoint = Endpoint;
        await relay.DisposeAsync();
        gate.Open();
        (await network.Bus.ResultAsync(session)).Failure.ShouldNotBeNull();
        await network.ShouldBeFreeAsync();

        await using var again = new RelayServer(
            new RelayOptions { Address = IPAddress.Loopback, Port = IPEndPoint.Parse(endpoint.Endpoint).Port }, certificate, new OpenAdmission(), TimeProvider.System);
        again.Start();
        await Eventually.Holds(() => Task.FromResult(again.Nodes == 2), () => $"{again.Nodes} nodes are back");
        var result = await network.AskAsync(network.Assignments("q", change: a => Relayed(a, endpoint)));
        result.Failure.ShouldBeNull();
        result.Choices[0].Text.ShouldBe("answered");
    }

    public async ValueTask DisposeAsync()
    {
        await relay.DisposeAsync();
        certificate.Dispose();
    }

    private static Assignment Relayed(Assignment assignment, RelayEndpoint relay, bool keepDirect = false) => assignment with
    {
        SchemaVersion = Assignment.RelaySchema,
        Hops = [.. assignment.Hops.Select(h => h with { Relay = relay, DataEndpoint = keepDirect ? h.DataEndpoint : "" })],
    };

    private async Task<TestNetwork> StartAsync(int nodes, string answer, TimeProvider? time = null)
    {
        var network = await TestNetwork.StartAsync(
            nodes, answer, (_, o) => o with { Relay = Endpoint.Endpoint, RelayCertificate = relay.Certificate.Value, Direct = false }, time: time);
        await Eventually.Holds(() => Task.FromResult(relay.Nodes == nodes), () => $"{relay.Nodes} of {nodes} nodes are registered");
        return network;
    }
}
