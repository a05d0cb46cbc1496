using Orchestrator.Contracts;

namespace Orchestrator.Worker.Platform;

/// <summary>Publishes messages that must not be lost to a busy or restarting sidecar: retries with doubling pauses until a deadline.</summary>
public sealed class Outbox(IPlatformBus bus, TimeProvider time, ILogger<Outbox> log)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(10);

    /// <summary>True once the broker took the message; false when <paramref name="until"/> passed first.</summary>
    /// <exception cref="OperationCanceledException">The node stops.</exception>
    public async Task<bool> PublishAsync(string topic, SignedMessage message, DateTimeOffset until, CancellationToken cancel)
    {
        var pause = FirstPause;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                using var attempt = new CancellationTokenSource(AttemptLimit, time);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(attempt.Token, cancel);
                await bus.PublishAsync(topic, message, both.Token);
                return true;
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                if (time.GetUtcNow() + pause >= until)
                {
                    log.LostMessage(message.Type, topic, e.Message);
                    return false;
                }

                log.PublishRetry(message.Type, topic, e.Message);
            }

            await Task.Delay(pause, time, cancel);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }
}
