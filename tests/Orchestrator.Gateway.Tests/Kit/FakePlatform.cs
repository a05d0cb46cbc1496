using System.Collections.Concurrent;
using System.Threading.Channels;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Platform;
using Orchestrator.TestKit;

namespace Orchestrator.Gateway.Tests.Kit;

/// <summary>A broker in memory: what is not settled, or is to be retried, is delivered again.</summary>
internal sealed class FakePlatform : IPlatform
{
    private readonly ConcurrentDictionary<string, Channel<SignedMessage>> topics = new();

    public Recorder<(string Topic, SignedMessage Message)> Published { get; } = new();

    public Recorder<(string Topic, Outcome Outcome)> Settled { get; } = new();

    /// <summary>Topics whose subscription ended.</summary>
    public Recorder<string> Unsubscribed { get; } = new();

    public bool Refuses { get; set; }

    public bool Ready { get; set; } = true;

    /// <summary>Whether the control plane knows a node; throws where it does not answer.</summary>
    public Func<NodeId, bool> Registered { get; set; } = _ => true;

    public void Send(string topic, SignedMessage message) => Topic(topic).Writer.TryWrite(message);

    public Task PublishAsync(string topic, SignedMessage message, CancellationToken cancel)
    {
        if (Refuses)
            throw new InvalidOperationException("secret address of the broker");
        Published.Add((topic, message));
        return Task.CompletedTask;
    }

    public async Task SubscribeAsync(string topic, int atOnce, Func<SignedMessage, CancellationToken, Task<Outcome>> deliver, CancellationToken cancel)
    {
        var places = new SemaphoreSlim(atOnce);
        try
        {
            while (true)
            {
                await places.WaitAsync(cancel);
                var message = await Topic(topic).Reader.ReadAsync(cancel);
                _ = HandleAsync(message);
            }
        }
        catch (OperationCanceledException)
        {
            Unsubscribed.Add(topic);
        }

        async Task HandleAsync(SignedMessage message)
        {
            try
            {
                var outcome = await deliver(message, cancel);
                Settled.Add((topic, outcome));
                if (outcome == Outcome.Retry)
                    Send(topic, message);
            }
            catch (Exception)
            {
                Send(topic, message);
            }
            finally
            {
                places.Release();
            }
        }
    }

    public Task<bool> IsRegisteredAsync(NodeId node, CancellationToken cancel) => Task.FromResult(Registered(node));

    public Task<bool> IsReadyAsync(CancellationToken cancel) => Task.FromResult(Ready);

    private Channel<SignedMessage> Topic(string topic) => topics.GetOrAdd(topic, _ => Channel.CreateUnbounded<SignedMessage>());
}
