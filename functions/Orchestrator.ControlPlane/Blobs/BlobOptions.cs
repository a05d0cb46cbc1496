namespace Orchestrator.ControlPlane.Blobs;

/// <summary>Where blobs are, and for how long: a folder, or a container of Azure Blob Storage. Exactly one of the three places.</summary>
public sealed record BlobOptions
{
    /// <summary>Folder that all replicas share. Default empty: <see cref="ControlPlaneOptions.BlobFolder"/>.</summary>
    public string Folder { get; init; } = "";

    /// <summary>
    /// Container in Azure, e.g. <c>https://account.blob.core.windows.net/blobs</c>, opened with the pod's workload identity or managed identity (role
    /// Storage Blob Data Contributor). Default null.
    /// </summary>
    public Uri? Container { get; init; }

    /// <summary>Client id of the identity to use, where there are several. Default empty: the one that the environment names.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>File with a storage connection string, for accounts without Entra ID and for emulators. Default empty.</summary>
    public string ConnectionStringFile { get; init; } = "";

    /// <summary>Name of the container that a connection string is used with; made when missing. Default <c>blobs</c>.</summary>
    public string ContainerName { get; init; } = "blobs";

    /// <summary>
    /// How long a blob stays that no published model needs: evidence, replaced models, uploads never published. Default 45 days. It must outlast a job, its
    /// checks and <see cref="ControlPlaneOptions.JobRetention"/> together.
    /// </summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(45);

    /// <summary>
    /// Most bytes of such blobs; beyond it the oldest go early, but none that a running job or check may still need. Default 64 GiB.
    /// </summary>
    public long MaxUnpinnedBytes { get; init; } = 64L << 30;

    /// <summary>How often the store is looked through. Default 1 h.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromHours(1);
}
