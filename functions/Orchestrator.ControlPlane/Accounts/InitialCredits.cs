using Dapr.Actors.Client;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Actors;
using Orchestrator.Core.Accounts;

namespace Orchestrator.ControlPlane.Accounts;

/// <summary>Grants each account's initial credit once, as soon as the sidecar answers.</summary>
public sealed partial class InitialCredits(ApiKeyRing keys, IActorProxyFactory actors, TimeProvider time, ILogger<InitialCredits> log) : BackgroundService
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Completes when every grant was made.</summary>
    public Task Done => done.Task;

    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var key in keys.Keys.Where(k => k.InitialCredit > 0))
            await GrantAsync(key, stoppingToken);
        if (!stoppingToken.IsCancellationRequested)
            done.TrySetResult();
    }

    private async Task GrantAsync(ApiKey key, CancellationToken stop)
    {
        for (var pause = TimeSpan.FromMilliseconds(50); ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await actors.Account(key.Account).CreditAsync(new Credit($"initial:{key.Account}", key.InitialCredit, "initial credit", key.GrantedAt!.Value));
                return;
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                NotYet(log, key.Account, e.Message);
            }
            catch (Exception)
            {
                return;
            }

            await Task.Delay(pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(EventId = 50, Level = LogLevel.Debug, Message = "The initial credit of {Account} waits for the sidecar: {Reason}")]
    private static partial void NotYet(ILogger log, string account, string reason);
}
