using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Local;

/// <summary>One worker process of a local network.</summary>
/// <param name="Name">Process name, e.g. <c>node-3</c>.</param>
/// <param name="Id">Identity, from its key file.</param>
/// <param name="Host">Account that operates it: every node is its own host here.</param>
/// <param name="KeyFile">Its identity key.</param>
/// <param name="CacheFolder">Shards it has fetched.</param>
/// <param name="App">Its Dapr side.</param>
/// <param name="DataPort">Port of its data plane.</param>
/// <param name="StreamPort">Port of its stream API.</param>
public sealed record LocalNode(string Name, NodeId Id, string Host, string KeyFile, string CacheFolder, DaprApp App, int DataPort, int StreamPort)
{
    /// <summary>The node with a 1-based number; its key is made at first start.</summary>
    public static LocalNode Create(int number, NetworkFolder folder, Queue<int> ports) => Create($"node-{number}", $"host-{number}", folder.Node(number), ports);

    /// <summary>The platform's referee.</summary>
    public static LocalNode Referee(NetworkFolder folder, Queue<int> ports) => Create("referee", "platform", folder.Referee, ports);

    private static LocalNode Create(string name, string host, string folder, Queue<int> ports)
    {
        string keyFile = Path.Combine(folder, "node.key");
        using var key = SigningKey.LoadOrCreate(keyFile);
        return new LocalNode(
            name,
            key.Node,
            host,
            keyFile,
            Path.Combine(folder, "shards"),
            DaprApp.Create($"node-{key.Node}", ports),
            ports.Dequeue(),
            ports.Dequeue());
    }
}
