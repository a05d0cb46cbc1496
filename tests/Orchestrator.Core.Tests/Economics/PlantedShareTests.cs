using Orchestrator.Core.Economics;

namespace Orchestrator.Core.Tests.Economics;

public sealed class PlantedShareTests
{
    [Fact]
    public void The_share_makes_looking_as_cheap_as_not_looking()
    {
        PlantedShare.Smallest(auditSaving: 20, stake: 1_000, slashShare: .25).ShouldBe(.08, 1e-12);
        PlantedShare.Smallest(0, 0, 0).ShouldBe(0);
        PlantedShare.Smallest(1, 0, .25).ShouldBe(1, "nothing at stake deters nobody");
        PlantedShare.Smallest(10_000, 100, 1).ShouldBe(1);
    }
}
