using Azure.Identity;
using Azure.Storage.Blobs;
using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Blobs;

/// <summary>Opens the store that the options name.</summary>
public static class BlobStores
{
    private const int MaxConnectionString = 4096;

    /// <summary>Names what is wrong with the options, if anything.</summary>
    public static IEnumerable<string> Problems(ControlPlaneOptions options)
    {
        var blobs = options.Blobs;
        int places = (FolderOf(options).Length > 0 ? 1 : 0) + (blobs.Container is null ? 0 : 1) + (blobs.ConnectionStringFile.Length > 0 ? 1 : 0);
        if (places != 1)
            yield return "Set exactly one of BlobFolder (or Blobs.Folder), Blobs.Container and Blobs.ConnectionStringFile: the blob store's place.";
        if (blobs is { Folder.Length: > 0 } && options.BlobFolder.Length > 0 && blobs.Folder != options.BlobFolder)
            yield return "BlobFolder and Blobs.Folder differ: set one of them.";
        if (blobs.Container is { } uri && !(uri.IsAbsoluteUri && uri.Scheme == Uri.UriSchemeHttps && uri.Query.Length == 0 && uri.AbsolutePath.Trim('/').Length > 0))
            yield return "Blobs.Container must be a https address with a container and no query, such as https://account.blob.core.windows.net/blobs.";
        if (blobs.ConnectionStringFile.Length > 0 && !File.Exists(blobs.ConnectionStringFile))
            yield return $"Blobs.ConnectionStringFile {blobs.ConnectionStringFile} does not exist: mount the secret.";
        if (blobs.SweepInterval <= TimeSpan.Zero || blobs.MaxUnpinnedBytes < 0)
            yield return "Blobs.SweepInterval must be above 0 and Blobs.MaxUnpinnedBytes 0 or more.";
        if (blobs.Retention < NeededFor(options) + options.JobRetention)
            yield return $"Blobs.Retention must be {NeededFor(options) + options.JobRetention} or more: jobs can be read and challenged for that long.";
    }

    /// <summary>How long evidence of a job may be needed at the longest: until the job, its window and all its checks are over.</summary>
    public static TimeSpan NeededFor(ControlPlaneOptions options) =>
        options.JobDeadline + options.Audits.ChallengeWindow + Jobs.JobSpec.LongestFinality(options.Audits.LongestCheck);

    /// <summary>Opens it.</summary>
    public static IOwnedBlobStore Open(ControlPlaneOptions options, TimeProvider time)
    {
        if (FolderOf(options) is { Length: > 0 } folder)
            return new FolderBlobStore(folder, options.MaxBlobBytes, time);
        return new AzureBlobStore(Container(options.Blobs), options.MaxBlobBytes, Path.GetTempPath());
    }

    /// <summary>How the service is asked: again when it is busy, for about half a minute in all.</summary>
    public static BlobClientOptions Patient()
    {
        var options = new BlobClientOptions();
        options.Retry.MaxRetries = 5;
        options.Retry.MaxDelay = TimeSpan.FromSeconds(10);
        return options;
    }

    private static string FolderOf(ControlPlaneOptions options) => options.Blobs.Folder.Length > 0 ? options.Blobs.Folder : options.BlobFolder;

    private static BlobContainerClient Container(BlobOptions options)
    {
        if (options.Container is { } uri)
            return new BlobContainerClient(uri, Identity(options.ClientId), Patient());
        var file = new FileInfo(options.ConnectionStringFile);
        if (file.Length > MaxConnectionString)
            throw new InvalidOperationException($"{file.FullName} holds more than a connection string.");
        return new BlobContainerClient(File.ReadAllText(file.FullName).Trim(), options.ContainerName, Patient());
    }

    // Not every credential that a developer's machine may have: a pod has one of these two.
    private static ChainedTokenCredential Identity(string clientId) => new(
        clientId.Length > 0 ? new WorkloadIdentityCredential(new WorkloadIdentityCredentialOptions { ClientId = clientId }) : new WorkloadIdentityCredential(),
        new ManagedIdentityCredential(clientId.Length > 0 ? ManagedIdentityId.FromUserAssignedClientId(clientId) : ManagedIdentityId.SystemAssigned));
}
