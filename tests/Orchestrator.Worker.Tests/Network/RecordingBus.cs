using Orchestrator.Contracts;
using Orchestrator.Verification;
using Orchestrator.Worker.Platform;

namespace Orchestrator.Worker.Tests.Network;

/// <summary>Keeps everything that nodes publish and lets tests wait for it.</summary>
internal sealed class RecordingBus : IPlatformBus
{
    private readonly Lock gate = new();
    private readonly List<(string Topic, SignedMessage Message)> published = [];
    private TaskCompletionSource more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Throws for topics and attempts that the broker should refuse.</summary>
    public Action<string>? Before { get; set; }

    public Task PublishAsync(string topic, SignedMessage message, CancellationToken cancel)
    {
        Before?.Invoke(topic);
        TaskCompletionSource wake;
        lock (gate)
        {
            published.Add((topic, message));
            wake = more;
            more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        wake.TrySetResult();
        return Task.CompletedTask;
    }

    /// <summary>Completes with the next message of any node: heartbeats make it a signal of passing time.</summary>
    public Task NextAsync()
    {
        lock (gate)
            return more.Task.WaitAsync(TestNetwork.Patience);
    }

    public IReadOnlyList<ChainResult> Results()
    {
        lock (gate)
            return [.. published.Where(p => p.Topic == Topics.Results).Select(p => Result(p.Message))];
    }

    public Task<ChainResult> ResultAsync(SessionId session) =>
        FindAsync<ChainResult>($"result of {session}", (topic, message) => topic == Topics.Results && Result(message) is { } r && r.Session == session ? r : null);

    /// <summary>The message with the result of a session that was published.</summary>
    public SignedMessage ResultMessage(SessionId session)
    {
        lock (gate)
            return published.Single(p => p.Topic == Topics.Results && Result(p.Message)?.Session == session).Message;
    }

    public Task<NodeHeartbeat> HeartbeatAsync(NodeId node, string what, Func<NodeHeartbeat, bool> where) =>
        FindAsync<NodeHeartbeat>($"heartbeat of {node.Short}: {what}", (topic, message) =>
            topic == Topics.Nodes
            && MessageSigning.TryOpen(message, MessageTypes.NodeHeartbeat, ContractsJson.Default.NodeHeartbeat, out var beat, out _)
            && beat.Node == node && MessageSigning.Signer(message) == node && where(beat) ? beat : null);

    public Task<NodeRecord> RecordAsync(NodeId node) =>
        FindAsync<NodeRecord>($"record of {node.Short}", (topic, message) =>
            topic == Topics.Nodes && MessageSigning.TryOpen(message, MessageTypes.NodeRecord, ContractsJson.Default.NodeRecord, out var told, out _) && told.Node == node ? told : null);

    /// <summary>The first message of a type on topic <see cref="Topics.Audits"/>, signed by a node.</summary>
    public Task<T> AuditMessageAsync<T>(NodeId node, string type, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json, Func<T, bool> where)
        where T : class =>
        FindAsync<T>($"{type} of {node.Short}", (topic, message) =>
            topic == Topics.Audits && MessageSigning.TryOpen(message, type, json, out var told, out _) && MessageSigning.Signer(message) == node && where(told) ? told : null);

    private async Task<T> FindAsync<T>(string what, Func<string, SignedMessage, T?> pick)
        where T : class
    {
        int next = 0;
        while (true)
        {
            Task wait;
            lock (gate)
            {
                for (; next < published.Count; next++)
                {
                    if (pick(published[next].Topic, published[next].Message) is { } found)
                        return found;
                }

                wait = more.Task;
            }

            try
            {
                await wait.WaitAsync(TestNetwork.Patience);
            }
            catch (TimeoutException)
            {
                throw new TimeoutException($"No {what} within {TestNetwork.Patience}; saw {Summary()}");
            }
        }
    }

    private string Summary()
    {
        lock (gate)
        {
            string results = string.Join("; ", Results().Select(r => $"{r.Session} {r.Failure}"));
            return $"{published.Count} messages, results: {results}";
        }
    }

    private static ChainResult Result(SignedMessage message)
    {
        MessageSigning.TryOpen(message, MessageTypes.ChainResult, ContractsJson.Default.ChainResult, out var result, out string? error).ShouldBeTrue(error);
        MessageSigning.Signer(message).ShouldBe(result.Node);
        return result;
    }
}
