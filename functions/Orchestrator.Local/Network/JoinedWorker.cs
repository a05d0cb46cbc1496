using System.Text.Json.Nodes;

namespace Orchestrator.Local;

/// <summary>A worker of this machine in a network that runs elsewhere.</summary>
public sealed record JoinedWorker
{
    /// <summary>Name of its process.</summary>
    public const string Name = "worker";

    /// <summary>The network.</summary>
    public required JoinTicket Ticket { get; init; }

    /// <summary>Folder for its key, shards, evidence and log; made when missing.</summary>
    public required string Folder { get; init; }

    /// <summary>Account that operates it and is paid, 1 to 63 of <c>[a-z0-9-]</c>.</summary>
    public required string Host { get; init; }

    /// <summary>Name or address at which other machines can dial it; null when none can, and then the ticket has to name a relay.</summary>
    public string? Address { get; init; }

    /// <summary>Threads per shard.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Folder with the worker's assembly.</summary>
    public string Binaries { get; init; } = AppContext.BaseDirectory;

    /// <summary>Names the fix for what cannot work; null when all is well. The worker itself checks the rest.</summary>
    public string? Problem() => Address is null && Ticket.Relay is null
        ? "the network has no relay: pass --address with a name or address of this machine that its other workers can dial, or have the network started with --relay"
        : null;

    /// <summary>Writes its configuration and says how to start it.</summary>
    public ProcessSpec Process()
    {
        string folder = Path.GetFullPath(Folder);
        string file = Path.Combine(folder, Name + ".json");
        Directory.CreateDirectory(folder);
        NetworkFolder.WriteJson(file, new JsonObject
        {
            ["Worker"] = new JsonObject
            {
                ["GatewayUrl"] = Ticket.Gateway.GetLeftPart(UriPartial.Authority),
                ["GatewayCertificate"] = Ticket.Certificate.Value,
                ["PlatformKey"] = Ticket.PlatformKey,
                ["Relay"] = Ticket.Relay,
                ["RelayCertificate"] = Ticket.Relay is null ? null : Ticket.Certificate.Value,
                ["Direct"] = Address is not null,
                ["AdvertiseAddress"] = Address ?? "127.0.0.1",
                [nameof(Host)] = Host,
                ["KeyFile"] = Path.Combine(folder, "node.key"),
                ["CacheFolder"] = Path.Combine(folder, "shards"),
                [nameof(Threads)] = Threads,
                ["StopWhenInputCloses"] = true,
            },
        });
        return new ProcessSpec(
            Name, Path.Combine(Binaries, LocalNetworkOptions.WorkerAssembly), ["--config", file], new Dictionary<string, string>(), Path.Combine(folder, Name + ".log"));
    }
}
