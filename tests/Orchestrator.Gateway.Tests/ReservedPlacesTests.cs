using Grpc.Core;
using Orchestrator.Gateway.Hosting;
using Orchestrator.Gateway.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.Gateway.Tests;

/// <summary>New keys do not take the places of nodes that the platform knows.</summary>
public sealed class ReservedPlacesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Strangers_take_their_share_and_a_registered_node_still_gets_in()
    {
        await using var gateway = await FourPlacesAsync();
        gateway.Platform.Registered = node => node == Some.Node(3);
        using var one = await gateway.Connect(1).JoinAsync();
        using var two = await gateway.Connect(2).JoinAsync();

        (await RefusalAsync(gateway, 5)).ShouldSatisfyAllConditions(s => s.StatusCode.ShouldBe(StatusCode.ResourceExhausted), s => s.Detail.ShouldContain("Gateway:RegisteredShare"));
        using var known = await gateway.Connect(3).JoinAsync();

        await one.CompleteAsync();
        await Eventually.Holds(() => Task.FromResult(gateway.Host.ConnectedNodes == 2), () => "the first stranger leaves", cancel: Cancel);
        using var next = await gateway.Connect(5).JoinAsync();
        (await RefusalAsync(gateway, 6)).Detail.ShouldContain("Gateway:RegisteredShare");
    }

    [Fact]
    public async Task Who_has_registered_since_gives_the_place_of_a_stranger_back()
    {
        await using var gateway = await FourPlacesAsync();
        gateway.Platform.Registered = _ => false;
        using var one = await gateway.Connect(1).JoinAsync();
        using var two = await gateway.Connect(2).JoinAsync();
        await RefusalAsync(gateway, 5);

        gateway.Platform.Registered = node => node == Some.Node(1) || node == Some.Node(2);
        using var next = await gateway.Connect(5).JoinAsync();
        using var last = await gateway.Connect(6).JoinAsync();

        (await RefusalAsync(gateway, 7)).Detail.ShouldContain("Gateway:MaxNodes");
        gateway.Host.ConnectedNodes.ShouldBe(4);
    }

    [Fact]
    public async Task The_control_plane_is_not_asked_while_places_are_open_and_nobody_is_let_in_on_its_silence()
    {
        await using var gateway = await FourPlacesAsync();
        int asked = 0;
        gateway.Platform.Registered = _ =>
        {
            Interlocked.Increment(ref asked);
            throw new HttpRequestException("gone");
        };
        using var one = await gateway.Connect(1).JoinAsync();
        using var two = await gateway.Connect(2).JoinAsync();
        // The same node again takes no further place.
        using var again = await gateway.Connect(2).JoinAsync();
        asked.ShouldBe(0);

        (await RefusalAsync(gateway, 3)).Detail.ShouldContain("Gateway:RegisteredShare");
        asked.ShouldBe(2, "of the node that came and of one that is here");
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_share_that_leaves_no_place_for_new_nodes_is_refused(double share) =>
        string.Join('\n', GatewayOptionsCheck.Errors(new GatewayOptions { RegisteredShare = share })).ShouldContain("Gateway:RegisteredShare");

    private static Task<TestGateway> FourPlacesAsync() => TestGateway.StartAsync(o => o with { MaxNodes = 4, RegisteredShare = 0.5 });

    private static async Task<Status> RefusalAsync(TestGateway gateway, int number)
    {
        using var work = (await gateway.Connect(number).LogInAsync()).Work();
        return await RawNode.RefusalAsync(() => work.HelloAsync(1));
    }
}
