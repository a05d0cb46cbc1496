using Dapr;
using Dapr.Client;
using Grpc.Core;
using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Messages;

/// <summary>
/// What each edge said first of each session, in the state store: whichever replica gets a second result, and however often the platform has restarted, it
/// meets the first. Whoever writes first wins, by the store's own first-write rule.
/// </summary>
public sealed class FirstResults(DaprClient dapr, ControlPlaneOptions options)
{
    private const string Store = "statestore";

    private static readonly StateOptions FirstWins = new() { Concurrency = ConcurrencyMode.FirstWrite };

    /// <summary>What the edge said first; null when nothing is on record.</summary>
    public async Task<FirstResult?> FindAsync(SessionId session, NodeId edge, CancellationToken cancel) =>
        await dapr.GetStateAsync<FirstResult?>(Store, Key(session, edge), cancellationToken: cancel);

    /// <summary>Puts a result on record and returns the first one: this, or the one that was there.</summary>
    public async Task<FirstResult> AddAsync(SessionId session, NodeId edge, FirstResult result, CancellationToken cancel)
    {
        try
        {
            await dapr.SaveStateAsync(Store, Key(session, edge), result, FirstWins, Metadata, cancel);
            return result;
        }
        catch (DaprException e) when (e.InnerException is RpcException { StatusCode: StatusCode.Aborted })
        {
            return await FindAsync(session, edge, cancel) ?? result;
        }
    }

    /// <summary>Notes that the edge has been proven to contradict itself.</summary>
    public Task ProvenAsync(SessionId session, NodeId edge, FirstResult first, CancellationToken cancel) =>
        dapr.SaveStateAsync(Store, Key(session, edge), first with { Proven = true }, metadata: Metadata, cancellationToken: cancel);

    private Dictionary<string, string> Metadata => new() { ["ttlInSeconds"] = ((long)options.JobRetention.TotalSeconds).ToString() };

    private static string Key(SessionId session, NodeId edge) => $"result:{session}:{edge}";
}

/// <summary>An edge's first result of a session.</summary>
/// <param name="Said">SHA-256 of the tokens of its answer; null for a failure, which a later answer does not contradict.</param>
/// <param name="Evidence">Blob with the signed message.</param>
/// <param name="Proven">It has been contradicted and slashed: later ones are not kept.</param>
public sealed record FirstResult(Digest? Said, Digest Evidence, bool Proven = false);
