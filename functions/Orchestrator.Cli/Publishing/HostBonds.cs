using System.Text.Json.Nodes;

namespace Orchestrator.Cli;

/// <summary>Gives the hosts of a local network the money for a small bond and bonds it for their nodes, once per node, as real hosts would do themselves.</summary>
public static class HostBonds
{
    /// <summary>Bond of a local node, in micro-credits.</summary>
    public const long Amount = 100_000;

    /// <summary>Bonds for every node that has no stake yet; all must have registered.</summary>
    public static async Task MakeAsync(ApiClient client, CancellationToken cancel)
    {
        var nodes = await client.NodesAsync(cancel);
        await Task.WhenAll(nodes.Where(n => n!["standing"]!["bonded"]!.GetValue<long>() == 0).Select(n => BondAsync(client, $"{n!["node"]}", $"{n["host"]}", cancel)));
    }

    private static async Task BondAsync(ApiClient client, string node, string host, CancellationToken cancel)
    {
        await client.PostAsync($"api/accounts/{host}/credit", new JsonObject { ["event_id"] = $"bond-of-{node}", ["amount"] = Amount, ["reason"] = "first bond" }, cancel);
        await client.PostAsync($"api/nodes/{node}/stake/bond", new JsonObject { ["event_id"] = "first", ["amount"] = Amount }, cancel);
    }
}
