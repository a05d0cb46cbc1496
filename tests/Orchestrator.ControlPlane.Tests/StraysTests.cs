using Microsoft.Extensions.Time.Testing;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Nodes;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>What nodes show of no model is dropped, and costs the platform little whatever they show.</summary>
public sealed class StraysTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(7);

    private readonly FakeTimeProvider time = new();
    private readonly NodeId node = Some.Key(1).Node;

    [Fact]
    public void One_shown_for_a_while_is_due_once_per_while()
    {
        var strays = new Strays(Patience, time);
        Digest[] shown = [Manifest(1)];

        strays.Take(node, shown).ShouldBeEmpty();
        time.Advance(Patience);
        strays.Take(node, shown).ShouldBe(shown);
        strays.Take(node, shown).ShouldBeEmpty();
        time.Advance(Patience);
        strays.Take(node, shown).ShouldBe(shown);
    }

    [Fact]
    public void One_that_a_heartbeat_lacks_is_forgotten()
    {
        var strays = new Strays(Patience, time);
        strays.Take(node, [Manifest(1)]);
        time.Advance(Patience);

        strays.Take(node, [Manifest(2)]).ShouldBeEmpty();
        strays.Take(node, [Manifest(1)]).ShouldBeEmpty();
        strays.Take(node, []).ShouldBeEmpty();

        strays.Nodes.ShouldBe(0);
    }

    [Fact]
    public void A_heartbeat_of_invented_manifests_is_answered_with_a_few_messages()
    {
        var strays = new Strays(Patience, time);
        Digest[] invented = [.. Enumerable.Range(0, 4096).Select(Manifest)];
        strays.Take(node, invented);
        time.Advance(Patience);

        strays.Take(node, invented.Reverse()).Count.ShouldBe(Strays.MostOfANode);
    }

    [Fact]
    public void Nodes_that_went_away_make_room()
    {
        var strays = new Strays(Patience, time);
        for (int n = 0; n <= Strays.MostNodes; n++)
            strays.Take(NodeId.FromPublicKey(BitConverter.GetBytes(n)), [Manifest(1)]);
        strays.Nodes.ShouldBe(Strays.MostNodes);

        time.Advance(Patience * 2);
        strays.Take(node, [Manifest(1)]);

        strays.Nodes.ShouldBe(1);
    }

    private static Digest Manifest(int number) => Digest.Of(BitConverter.GetBytes(number));
}
