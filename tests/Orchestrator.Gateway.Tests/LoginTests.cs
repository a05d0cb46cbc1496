using Grpc.Core;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.Gateway.Tests;

/// <summary>Who gets in.</summary>
public sealed class LoginTests
{
    [Fact]
    public async Task A_node_that_signs_the_challenge_gets_a_token()
    {
        await using var gateway = await TestGateway.StartAsync();
        var node = gateway.Connect();

        var reply = await node.LoginAsync(node.Sign(await node.ChallengeAsync()));

        reply.Token.ShouldStartWith(node.Key.Node.Value);
        node.Shown.ShouldBe(gateway.Host.CertificateDigest);
    }

    [Fact]
    public async Task A_challenge_is_good_once()
    {
        await using var gateway = await TestGateway.StartAsync();
        var node = gateway.Connect();
        var login = node.Sign(await node.ChallengeAsync());
        await node.LoginAsync(login);

        var refusal = await RawNode.RefusalAsync(() => node.LoginAsync(login));

        refusal.StatusCode.ShouldBe(StatusCode.Unauthenticated);
        refusal.Detail.ShouldContain("challenge");
    }

    [Fact]
    public async Task A_login_carried_to_another_connection_is_worth_nothing()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (node, thief) = (gateway.Connect(), gateway.Connect());
        await thief.ChallengeAsync();
        var login = node.Sign(await node.ChallengeAsync());

        (await RawNode.RefusalAsync(() => thief.LoginAsync(login))).Detail.ShouldContain("another challenge");
        (await RawNode.RefusalAsync(() => gateway.Connect().LoginAsync(login))).Detail.ShouldContain("no open challenge");
    }

    [Fact]
    public async Task A_challenge_does_not_last()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { LoginPatience = TimeSpan.FromSeconds(20) });
        var node = gateway.Connect();
        await node.LogInAsync();
        byte[] nonce = await node.ChallengeAsync();

        gateway.Time.Advance(TimeSpan.FromSeconds(21));

        (await RawNode.RefusalAsync(() => node.LoginAsync(node.Sign(nonce)))).Detail.ShouldContain("no open challenge");
    }

    public static TheoryData<string, string> Lies => new()
    {
        { "node", "names another node" },
        { "audience", "another gateway" },
        { "certificate", "ends TLS" },
        { "clock", "clock is off" },
        { "schema", "schema" },
        { "nonce", "another challenge" },
        { "signature", "signature" },
        { "type", "expected type" },
    };

    [Theory, MemberData(nameof(Lies))]
    public async Task A_login_that_lies_is_refused_with_the_reason(string lie, string reason)
    {
        await using var gateway = await TestGateway.StartAsync();
        var node = gateway.Connect();
        byte[] nonce = await node.ChallengeAsync();
        var login = lie switch
        {
            "node" => node.Sign(nonce, l => l with { Node = Some.Node(2) }),
            "audience" => node.Sign(nonce, l => l with { Audience = "gateway.elsewhere.example" }),
            "certificate" => node.Sign(nonce, l => l with { Certificate = Some.Digest() }),
            "clock" => node.Sign(nonce, l => l with { At = l.At.AddMinutes(-3) }),
            "schema" => node.Sign(nonce, l => l with { SchemaVersion = 2 }),
            "nonce" => node.Sign(nonce, l => l with { Nonce = new byte[32] }),
            "signature" => node.Sign(nonce) with { Signature = new byte[64] },
            _ => node.Sign(nonce) with { Type = MessageTypes.NodeHeartbeat },
        };

        var refusal = await RawNode.RefusalAsync(() => node.LoginAsync(login));

        refusal.StatusCode.ShouldBe(StatusCode.Unauthenticated);
        refusal.Detail.ShouldContain(reason);
    }

    [Fact]
    public async Task A_key_of_another_node_opens_nothing()
    {
        await using var gateway = await TestGateway.StartAsync();
        var node = gateway.Connect();
        using var wrong = Some.Key(2);

        var refusal = await RawNode.RefusalAsync(async () => await node.LoginAsync(node.Sign(await node.ChallengeAsync(), by: wrong)));

        refusal.Detail.ShouldContain("names another node");
    }

    [Fact]
    public async Task Without_a_good_token_nothing_opens()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { TokenLifetime = TimeSpan.FromMinutes(1) });
        var node = await gateway.Connect().LogInAsync();
        string good = node.Token!;
        string other = $"{Some.Node(2)}.{good.Split('.')[1]}.{good.Split('.')[2]}";

        foreach (string? token in new[] { null, "", "x", other, good + "0", new string('a', 1000) })
        {
            node.Token = token;
            (await RawNode.RefusalAsync(() => node.PublishAsync(Topics.Nodes, TestGateway.Heartbeat(node.Key)))).StatusCode.ShouldBe(StatusCode.Unauthenticated);
        }

        node.Token = good;
        gateway.Time.Advance(TimeSpan.FromSeconds(61));
        using var late = node.Work();
        (await RawNode.RefusalAsync(() => late.NextAsync())).Detail.ShouldContain("log in");
    }

    [Fact]
    public async Task Who_does_not_log_in_is_put_out()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (idler, node) = (gateway.Connect(), gateway.Connect(2));
        await idler.ChallengeAsync();
        using var work = await node.JoinAsync();

        gateway.Time.Advance(TimeSpan.FromSeconds(25));

        // The challenge went with the connection.
        await Should.ThrowAsync<RpcException>(async () => await idler.LoginAsync(idler.Sign(new byte[32])));
    }
}
