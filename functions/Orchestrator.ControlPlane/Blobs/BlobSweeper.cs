using Dapr.Actors.Client;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.Core.Blobs;

namespace Orchestrator.ControlPlane.Blobs;

/// <summary>
/// Deletes blobs that nothing needs any more, so that nodes cannot fill the store. Several replicas may sweep at once. When any actor does not answer, nothing goes.
/// </summary>
public sealed partial class BlobSweeper(IOwnedBlobStore blobs, IActorProxyFactory actors, ControlPlaneOptions options, TimeProvider time, ILogger<BlobSweeper> log) : BackgroundService
{
    private readonly BlobRetention rule = new(options.Blobs.Retention, BlobStores.NeededFor(options), options.Blobs.MaxUnpinnedBytes);

    /// <summary>Looks through the store once; what it deleted.</summary>
    public async Task<IReadOnlyList<BlobEntry>> SweepAsync(CancellationToken cancel)
    {
        // In this order: what is published after its listing was touched by the publication, and a blob that changed is not deleted.
        List<BlobEntry> listed = [];
        await foreach (var blob in blobs.ListAsync(cancel))
            listed.Add(blob);
        var pinned = await PinnedAsync(cancel);
        List<BlobEntry> gone = [];
        foreach (var blob in rule.Decide(listed, pinned, time.GetUtcNow()))
        {
            if (await blobs.DeleteAsync(blob, cancel))
                gone.Add(blob);
        }

        return gone;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await NextAsync(stoppingToken))
        {
            try
            {
                var gone = await SweepAsync(stoppingToken);
                long bytes = gone.Sum(b => b.Bytes);
                if (gone.Count > 0)
                    Swept(log, gone.Count, bytes);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                NotNow(log, e);
            }
        }
    }

    // From the actors, not from the cache: it may be older than a publication.
    private async Task<HashSet<Digest>> PinnedAsync(CancellationToken cancel)
    {
        HashSet<Digest> pinned = [];
        foreach (string name in (await actors.Catalog().GetAsync()).Models)
        {
            cancel.ThrowIfCancellationRequested();
            if (await actors.Model(name).GetAsync() is { Publication: var published })
                pinned.UnionWith(published.Manifest.Stages.Select(s => s.Blob).Append(published.ManifestDigest));
        }

        return pinned;
    }

    private async Task<bool> NextAsync(CancellationToken stop)
    {
        await Task.Delay(options.Blobs.SweepInterval, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stop.IsCancellationRequested;
    }

    [LoggerMessage(EventId = 46, Level = LogLevel.Information, Message = "{Count} blobs that nothing needs were deleted ({Bytes} bytes)")]
    private static partial void Swept(ILogger log, int count, long bytes);

    [LoggerMessage(EventId = 47, Level = LogLevel.Warning, Message = "The blob store could not be swept now")]
    private static partial void NotNow(ILogger log, Exception exception);
}
