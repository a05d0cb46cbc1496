using CsCheck;
using Orchestrator.Controller.Platform;
using Orchestrator.Controller.Reconciling;
using Orchestrator.Controller.Resources;
using Orchestrator.Controller.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.Controller.Tests;

/// <summary>The pure rules of placement and status.</summary>
public sealed class RuleTests
{
    private static readonly Gen<IReadOnlyList<NodePlacement>> Placed = Gen.Select(Gen.Int[1, 12], Gen.Int[0, 2]).List[0, 12]
        .Select(all => (IReadOnlyList<NodePlacement>)[.. all.Select(p => new NodePlacement(Some.Node(p.Item1), p.Item2)).Distinct()]);

    [Fact]
    public void A_placement_once_sent_is_not_sent_again_and_leaves_others_alone() => Gen.Select(Placed, Placed, Placed).Sample((there, before, now) =>
    {
        var nodes = Stages(now);
        var old = before.Select(Pod).ToList();
        var own = before.Concat(now).Select(p => p.Node).ToHashSet();

        var change = PlacementRules.Change(Platform(there), old, nodes);
        var after = change ?? there;

        after.ShouldBe([.. there.Where(p => !own.Contains(p.Node)), .. now], ignoreOrder: true);
        PlacementRules.Change(Platform(after), old, nodes).ShouldBeNull();
        var withdrawn = PlacementRules.Change(Platform(after), now.Select(Pod), []) ?? after;
        withdrawn.ShouldBe(there.Where(p => !own.Contains(p.Node)), ignoreOrder: true);
    });

    [Fact]
    public void Chains_are_replicas_that_are_complete() => Gen.Bool.Array[6].Sample(loaded =>
    {
        var model = Given.Model(stages: 2, replicas: 3);
        IReadOnlyList<IReadOnlyList<PodNode>> nodes = [.. Enumerable.Range(0, 2).Select(s => (IReadOnlyList<PodNode>)[.. Enumerable.Range(0, 3).Select(r => new PodNode { Pod = $"chat-s{s}-{r}", Node = Some.Node((s * 3) + r + 1).Value })])];
        var platform = new PlatformModel("tiny", Some.Digest(), 7, [.. Enumerable.Range(0, 2).Select(s => new PlatformStage(s,
            [.. Enumerable.Range(0, 3).Select(r => new PlatformStageNode(Some.Node((s * 3) + r + 1), true, loaded[(s * 3) + r] ? "ready" : "loading", true))]))]);

        var status = StatusRules.Of(new Observation(model, new Dictionary<string, k8s.Models.V1StatefulSet>(), nodes, platform, 7, null), DateTimeOffset.UnixEpoch);

        int complete = Enumerable.Range(0, 3).Count(r => loaded[r] && loaded[3 + r]);
        status.Chains.ShouldBe(complete);
        status.Conditions.Single(c => c.Type == "Ready").Status.ShouldBe(complete >= 1 ? "True" : "False");
        status.Selector.ShouldBe("orchestrator.dev/model=chat");
    });

    [Fact]
    public void A_condition_keeps_the_time_of_its_last_change_and_loses_fractions()
    {
        var model = Given.Model();
        var seen = new Observation(model, new Dictionary<string, k8s.Models.V1StatefulSet>(), null, null, null, new Problem(Problem.UnknownProfile, "none"));
        var first = StatusRules.Of(seen, DateTimeOffset.UnixEpoch.AddSeconds(1.5));
        model.Status = first;
        var second = StatusRules.Of(seen, DateTimeOffset.UnixEpoch.AddHours(1));
        model.Status = second;
        var third = StatusRules.Of(seen with { Problem = null }, DateTimeOffset.UnixEpoch.AddHours(2));

        second.Conditions.Select(c => c.LastTransitionTime).ShouldAllBe(t => t == DateTime.UnixEpoch.AddSeconds(1));
        third.Conditions.Single(c => c.Type == "Degraded").LastTransitionTime.ShouldBe(DateTime.UnixEpoch.AddHours(2));
        third.Conditions.Single(c => c.Type == "Ready").LastTransitionTime.ShouldBe(DateTime.UnixEpoch.AddSeconds(1));
    }

    private static PodNode Pod(NodePlacement p) => new() { Pod = $"pod-{p.Node}-{p.Stage}", Node = p.Node.Value };

    private static IReadOnlyList<IReadOnlyList<PodNode>> Stages(IReadOnlyList<NodePlacement> placed) =>
        [.. Enumerable.Range(0, 3).Select(s => (IReadOnlyList<PodNode>)[.. placed.Where(p => p.Stage == s).Select(Pod)])];

    private static PlatformModel Platform(IReadOnlyList<NodePlacement> placed) =>
        new("tiny", Some.Digest(), 1, [.. Enumerable.Range(0, 3).Select(s => new PlatformStage(s, [.. placed.Where(p => p.Stage == s).Select(p => new PlatformStageNode(p.Node, true, "ready", true))]))]);
}
