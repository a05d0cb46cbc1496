using Orchestrator.Contracts;
using Orchestrator.Sharder;

namespace Orchestrator.Cli;

/// <summary>Finds a shard on this machine: in a folder that <c>model shard</c> wrote, or in a worker's cache of blobs.</summary>
public static class LocalShard
{
    /// <summary>Path of the shard, whose digest has been checked.</summary>
    /// <exception cref="CliException">It is not there, or is another.</exception>
    public static string Find(string folder, ShardManifest shard)
    {
        string digest = shard.Blob.Value;
        string[] places = [Path.Combine(folder, ModelSharder.ShardFile(shard.Stage)), Path.Combine(folder, digest[..2], digest)];
        foreach (string path in places.Where(File.Exists))
        {
            using var file = File.OpenRead(path);
            if (Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(file)) == digest)
                return path;
        }

        throw new CliException(
            $"{folder} does not hold the shard of stage {shard.Stage} with SHA-256 {digest}: name a folder that 'orchestrator model shard' wrote for this model, or a worker's blob cache");
    }
}
