using Dapr.Actors.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Messages;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.TestKit;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>What a node signed of itself counts for a while only: whoever recorded it cannot have the platform take it for news later.</summary>
public sealed class StaleMessageTests
{
    private static readonly TimeSpan Age = new ControlPlaneOptions().NodeMessageAge;
    private static readonly TimeSpan Bound = Age + NodeRecordCheck.ClockSkew;
    private static readonly FakeNode Node = new(101, "host-101", Some.Key(101));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_recording_does_not_bring_a_forgotten_node_back_and_the_node_itself_does()
    {
        await using var platform = await Platform.StartAsync(nodes: 4, chains: 1);
        var (actors, options) = (platform.Services.GetRequiredService<IActorProxyFactory>(), platform.Services.GetRequiredService<ControlPlaneOptions>());
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var messages = ActivatorUtilities.CreateInstance<NodeMessages>(platform.Services, clock);
        SignedMessage[] recorded = [Record(clock.GetUtcNow()), Heartbeat(clock.GetUtcNow())];
        foreach (var message in recorded)
            (await messages.HandleAsync(message, Cancel)).ShouldBe((Delivery.Accepted, null));

        clock.Advance(options.Liveness.ForgetAfter + TimeSpan.FromMinutes(1));
        (await actors.Node(Node.Id).ForgetAsync(clock.GetUtcNow() - options.Liveness.ForgetAfter)).ShouldBeTrue();
        await actors.Catalog().RemoveNodesAsync([Node.Id]);
        await ShouldRefuseAsync();
        (await actors.Node(Node.Id).GetAsync()).ShouldBeNull();
        (await actors.Catalog().GetAsync()).Nodes.ShouldNotContain(Node.Id);

        var back = clock.GetUtcNow();
        (await messages.HandleAsync(Record(back), Cancel)).ShouldBe((Delivery.Accepted, null));
        // Nobody remembers which heartbeat was the last: the lower sequence alone would not give the recording away.
        await ShouldRefuseAsync();
        (await actors.Node(Node.Id).GetAsync())!.Heartbeat.ShouldBeNull();
        (await messages.HandleAsync(Heartbeat(back), Cancel)).ShouldBe((Delivery.Accepted, null));
        await ShouldRefuseAsync();
        var state = (await actors.Node(Node.Id).GetAsync())!;
        (state.Record.IssuedAt, state.Heartbeat!.IssuedAt, state.LastSeen).ShouldBe((back, back, back), "a late copy of what was said before is dropped without harm");

        async Task ShouldRefuseAsync()
        {
            foreach (var message in recorded)
            {
                var (delivery, reason) = await messages.HandleAsync(message, Cancel);
                delivery.ShouldBe(Delivery.Dropped);
                reason.ShouldStartWith("old: ");
            }
        }
    }

    [Fact]
    public void What_is_as_old_as_may_be_counts_and_what_is_older_is_refused_with_what_to_do_about_it()
    {
        var now = new DateTimeOffset(2031, 1, 1, 12, 0, 0, TimeSpan.Zero);

        foreach (var problem in Problems(now, now - Bound))
            problem.ShouldBeNull();
        foreach (var problem in Problems(now, now - Bound - TimeSpan.FromTicks(1)))
        {
            problem.ShouldStartWith("old: ");
            foreach (string part in (string[])[Node.Id.Value, "2031-01-01 11:49:59Z", "2031-01-01 12:00:00Z", "set its clock", "NTP"])
                problem.ShouldContain(part);
        }

        foreach (var problem in Problems(now, DateTimeOffset.MinValue))
            problem.ShouldStartWith("old: ");
    }

    [Fact]
    public void What_is_from_the_future_is_refused_with_what_to_do_about_it()
    {
        var now = new DateTimeOffset(2031, 1, 1, 12, 0, 0, TimeSpan.Zero);

        foreach (var problem in Problems(now, now + NodeRecordCheck.ClockSkew))
            problem.ShouldBeNull();
        foreach (var at in (DateTimeOffset[])[now + NodeRecordCheck.ClockSkew + TimeSpan.FromTicks(1), DateTimeOffset.MaxValue])
        {
            foreach (var problem in Problems(now, at))
            {
                problem.ShouldStartWith("future: ");
                problem.ShouldContain("NTP");
            }
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(24 * 60 - 10)]
    public void An_age_at_which_forgotten_nodes_could_come_back_is_a_problem_of_the_options(int minutes)
    {
        string Problem(TimeSpan age) =>
            Should.Throw<InvalidOperationException>(() => new ServiceCollection().AddControlPlane(new ControlPlaneOptions { NodeMessageAge = age })).Message;

        Problem(TimeSpan.FromMinutes(minutes)).ShouldContain("NodeMessageAge");
        Problem(Age).ShouldNotContain("NodeMessageAge");
        Problem(TimeSpan.FromMinutes(24 * 60 - 11)).ShouldNotContain("NodeMessageAge");
    }

    private static string?[] Problems(DateTimeOffset now, DateTimeOffset issuedAt) =>
    [
        NodeRecordCheck.Problem(Node.Record(new Uri("https://127.0.0.1:1/"), Some.Digest(), issuedAt), Node.Id, now, Age),
        NodeRecordCheck.Problem(Node.Heartbeat(issuedAt), Node.Id, now, Age),
    ];

    private static SignedMessage Record(DateTimeOffset at) =>
        MessageSigning.Seal(MessageTypes.NodeRecord, Node.Record(new Uri("https://127.0.0.1:1/"), Some.Digest(), at), ContractsJson.Default.NodeRecord, Node.Key);

    private static SignedMessage Heartbeat(DateTimeOffset at) =>
        MessageSigning.Seal(MessageTypes.NodeHeartbeat, Node.Heartbeat(at), ContractsJson.Default.NodeHeartbeat, Node.Key);
}
