using Orchestrator.TestKit;

namespace Orchestrator.Integration.Tests;

/// <summary>A network whose processes send their spans to a collector.</summary>
public abstract class CollectedNetwork : NetworkFixture
{
    public OtlpCollector Collector { get; private set; } = null!;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Collector.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override async ValueTask<IReadOnlyDictionary<string, string>> PrepareAsync()
    {
        Collector = await OtlpCollector.StartAsync();
        return Collector.Environment;
    }
}
