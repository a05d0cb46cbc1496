namespace Orchestrator.ControlPlane.Tests.Kit;

/// <summary>One platform for all tests of a class.</summary>
public sealed class SharedPlatform : IAsyncLifetime
{
    public Platform Platform { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Platform = await Platform.StartAsync();

    public ValueTask DisposeAsync() => Platform is null ? ValueTask.CompletedTask : Platform.DisposeAsync();
}
