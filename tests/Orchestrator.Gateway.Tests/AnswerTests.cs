using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Hosting;
using Orchestrator.Gateway.Platform;
using Orchestrator.Gateway.Tests.Kit;
using Orchestrator.TestKit;
using Orchestrator.Verification;
using Orchestrator.Worker.Availability;
using Orchestrator.Worker.Gateway;

namespace Orchestrator.Gateway.Tests;

/// <summary>Answers to public demands of evidence by nodes whose only way out is the gateway.</summary>
public sealed class AnswerTests
{
    private static readonly DemandId Demand = DemandId.Derive(Some.Session(), 0, 0, EvidenceKind.Inputs, "test");

    // Port 9 of loopback: nobody listens.
    private static readonly Uri Nowhere = new("http://127.0.0.1:9/api/demands/answer");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_that_reaches_nothing_but_its_gateway_answers_the_control_plane()
    {
        await using var door = await ControlPlaneDoor.StartAsync();
        await using var gateway = await TestGateway.StartAsync(o => o with { AnswerUrl = door.Address });
        using var key = Some.Key();
        await using var link = Link(gateway, key);
        using var http = new HttpClient();
        var client = new AnswerClient(http, key, gateway.Time, new GatewayAnswers(link, gateway.Time));
        // More than a message may have, and more than the buffers between the two take in.
        byte[] file = Some.Bytes(5_000_000);

        (await client.SendAsync(Nowhere, Demand, new MemoryStream(file), Cancel)).ShouldBe(HttpStatusCode.OK);

        var came = door.Came.Items.ShouldHaveSingleItem();
        came.Demand.ShouldBe(Demand.Value);
        came.File.ShouldBe(file);
        var message = JsonSerializer.Deserialize(Convert.FromBase64String(came.Signed), ContractsJson.Default.SignedMessage);
        MessageSigning.TryOpen(message, MessageTypes.DemandAnswer, ContractsJson.Default.DemandAnswer, out var answer, out string? error).ShouldBeTrue(error);
        answer.Node.ShouldBe(key.Node);
        (await client.ReachesAsync(Nowhere, Demand, Cancel)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_node_whose_gateway_cannot_pass_answers_on_goes_to_the_platform_itself()
    {
        await using var door = await ControlPlaneDoor.StartAsync();
        await using var gateway = await TestGateway.StartAsync(o => o with { AnswerUrl = Nowhere });
        using var key = Some.Key();
        await using var link = Link(gateway, key);
        using var http = new HttpClient();
        var client = new AnswerClient(http, key, gateway.Time, new GatewayAnswers(link, gateway.Time));
        using var file = new MemoryStream(Some.Bytes(100_000));

        (await client.SendAsync(new Uri($"{door.Address}/{Demand}/answer"), Demand, file, Cancel)).ShouldBe(HttpStatusCode.OK);

        door.Came.Items.ShouldHaveSingleItem().File.ShouldBe(file.ToArray());
        (await client.ReachesAsync(Nowhere, Demand, Cancel)).ShouldBeFalse();
    }

    [Fact]
    public async Task Only_nodes_that_logged_in_are_let_through_and_what_the_control_plane_says_is_passed_back()
    {
        await using var door = await ControlPlaneDoor.StartAsync();
        await using var gateway = await TestGateway.StartAsync(o => o with { AnswerUrl = door.Address });
        var node = await gateway.Connect().LogInAsync();

        (await PostAsync(node, Demand.Value, [1])).ShouldBe(HttpStatusCode.OK);
        (await PostAsync(node, Demand.Value, [1], signed: null)).ShouldBe(HttpStatusCode.Forbidden);
        (await PostAsync(node, "..%2f..%2fjobs", [1])).ShouldBe(HttpStatusCode.BadRequest);
        (await PostAsync(node, Demand.Value, [1], signed: new string('x', 5000))).ShouldBe(HttpStatusCode.BadRequest);
        door.Status = 400;
        (await PostAsync(node, Demand.Value, [1])).ShouldBe(HttpStatusCode.BadRequest);
        node.Token = null;
        (await PostAsync(node, Demand.Value, [1])).ShouldBe(HttpStatusCode.Unauthorized);
        door.Came.Items.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_larger_than_any_answer_is_not_passed_on(bool chunked)
    {
        await using var door = await ControlPlaneDoor.StartAsync();
        await using var gateway = await TestGateway.StartAsync(o => o with { AnswerUrl = door.Address, MaxAnswerBytes = 1 << 20 });
        var node = await gateway.Connect().LogInAsync();

        (await PostAsync(node, Demand.Value, new byte[(1 << 20) + 1], chunked: chunked)).ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await PostAsync(node, Demand.Value, new byte[1_000_000], chunked: chunked)).ShouldBe(HttpStatusCode.OK);
        door.Came.Items.ShouldHaveSingleItem().File.Length.ShouldBe(1_000_000);
    }

    [Fact]
    public async Task A_node_sends_one_answer_at_a_time()
    {
        await using var door = await ControlPlaneDoor.StartAsync(open: false);
        await using var gateway = await TestGateway.StartAsync(o => o with { AnswerUrl = door.Address });
        var (node, other) = (await gateway.Connect().LogInAsync(), await gateway.Connect(2).LogInAsync());

        var first = PostAsync(node, Demand.Value, [1]);
        await door.Arrived.CountAsync(1, Cancel);
        (await PostAsync(node, Demand.Value, [1])).ShouldBe(HttpStatusCode.TooManyRequests);
        var others = PostAsync(other, Demand.Value, [1]);
        door.Open.SetResult();

        (await first).ShouldBe(HttpStatusCode.OK);
        (await others).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public void Without_an_address_the_sidecar_is_asked_to_invoke_the_control_plane()
    {
        var dapr = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["DAPR_HTTP_PORT"] = "3501", ["DAPR_API_TOKEN"] = "secret" }).Build();

        using var request = ControlPlaneUpstream.Of(new GatewayOptions().AnswerUrl, "api/demands", dapr).Request(HttpMethod.Post, $"{Demand}/answer");

        request.RequestUri!.AbsoluteUri.ShouldBe($"http://127.0.0.1:3501/v1.0/invoke/control-plane/method/api/demands/{Demand}/answer");
        request.Headers.GetValues("dapr-api-token").ShouldBe(["secret"]);
        ControlPlaneUpstream.Of(new Uri("http://api:8080/api/demands/"), "api/demands", dapr).ShouldBe(new ControlPlaneUpstream("http://api:8080/api/demands", null));
    }

    private static GatewayLink Link(TestGateway gateway, SigningKey key)
    {
        var target = new GatewayTarget([new Uri($"https://127.0.0.1:{gateway.Host.NodePort}")], [gateway.Host.CertificateDigest]);
        var link = new GatewayLink(target, key, 8, new Random(1), gateway.Time, NullLogger<GatewayLink>.Instance);
        link.Start(_ => true);
        return link;
    }

    private static async Task<HttpStatusCode> PostAsync(RawNode node, string demand, byte[] file, string? signed = "signed", bool chunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"demands/{demand}/answer") { Content = new ByteArrayContent(file) };
        request.Headers.TransferEncodingChunked = chunked;
        // A refusal of the length alone ends the connection, under a body that is still being sent.
        request.Headers.ExpectContinue = !chunked;
        if (node.Token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", node.Token);
        if (signed is not null)
            request.Headers.TryAddWithoutValidation(EvidenceDemand.AnswerHeader, signed);
        using var response = await node.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        return response.StatusCode;
    }
}
