using System.Collections.Concurrent;
using Orchestrator.Contracts;
using Orchestrator.Verification;
using Orchestrator.Worker.Platform;

namespace Orchestrator.Benchmarks.Hops;

/// <summary>Hears when a session has ended; drops all else that nodes say.</summary>
internal sealed class HopBus : IPlatformBus
{
    private readonly ConcurrentDictionary<SessionId, TaskCompletionSource<ChainResult>> results = new();

    /// <inheritdoc />
    public Task PublishAsync(string topic, SignedMessage message, CancellationToken cancel)
    {
        if (topic == Topics.Results && MessageSigning.TryOpen(message, MessageTypes.ChainResult, ContractsJson.Default.ChainResult, out var result, out _))
            Of(result.Session).TrySetResult(result);
        return Task.CompletedTask;
    }

    /// <summary>A session's result.</summary>
    internal Task<ChainResult> ResultAsync(SessionId session, CancellationToken cancel) => Of(session).Task.WaitAsync(cancel);

    private TaskCompletionSource<ChainResult> Of(SessionId session) =>
        results.GetOrAdd(session, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
