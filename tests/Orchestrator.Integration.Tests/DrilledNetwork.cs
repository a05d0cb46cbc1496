using Orchestrator.Cli;

namespace Orchestrator.Integration.Tests;

/// <summary>A network of processes that can be ordered to cheat, in a folder of its own, and the model it serves, uncut.</summary>
internal sealed class DrilledNetwork : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("orchestrator-drill-test-").FullName;

    private DrilledNetwork()
    {
    }

    public DrillNetwork Network { get; private set; } = null!;

    public UncutModel Uncut { get; private set; } = null!;

    public static async Task<DrilledNetwork> StartAsync(int nodes)
    {
        var drilled = new DrilledNetwork();
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(TimeSpan.FromMinutes(3));
            drilled.Network = await DrillNetwork.StartAsync(drilled.folder, nodes, limit.Token);
            drilled.Uncut = await UncutModel.LoadAsync(BundledModel.Path, limit.Token);
            return drilled;
        }
        catch
        {
            await drilled.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Uncut?.Dispose();
        if (Network is not null)
            await Network.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
