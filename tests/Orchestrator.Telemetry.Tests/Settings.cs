using Microsoft.Extensions.Configuration;

namespace Orchestrator.Telemetry.Tests;

internal static class Settings
{
    public static IConfiguration Of(Dictionary<string, string> values) => new ConfigurationBuilder().AddInMemoryCollection(values!).Build();
}
