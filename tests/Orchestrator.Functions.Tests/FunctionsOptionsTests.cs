using Microsoft.Extensions.Configuration;

namespace Orchestrator.Functions.Tests;

public sealed class FunctionsOptionsTests
{
    [Fact]
    public void The_routes_of_the_sidecar_are_guarded_unless_somebody_says_otherwise()
    {
        Should.Throw<InvalidOperationException>(() => Load()).Message.ShouldContain("APP_API_TOKEN is not set");
        Should.Throw<InvalidOperationException>(() => Load(("APP_API_TOKEN", ""), ("Functions:AllowAnyone", "false")));
        Load(("APP_API_TOKEN", "secret"), ("ControlPlane:DefaultChains", "3")).DefaultChains.ShouldBe(3);
        Load(("Functions:AllowAnyone", "true")).DefaultChains.ShouldBe(2);
    }

    private static ControlPlane.ControlPlaneOptions Load(params (string Key, string Value)[] settings) => FunctionsOptions.Load(
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value)).Build());
}
