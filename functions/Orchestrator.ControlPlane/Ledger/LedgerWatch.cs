using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Orchestrator.ControlPlane.Ledger;

/// <summary>Draws a trial balance now and then, for the metrics. Several replicas may.</summary>
public sealed partial class LedgerWatch(LedgerDesk ledger, ControlPlaneOptions options, TimeProvider time, ILogger<LedgerWatch> log) : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (options.BalanceInterval > TimeSpan.Zero && await NextAsync(stoppingToken))
        {
            try
            {
                if (await ledger.DrawAsync(stoppingToken) is { Closes: false } open)
                    Open(log, open.Difference, open.Accounts);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                NotNow(log, e);
            }
        }
    }

    private async Task<bool> NextAsync(CancellationToken stop)
    {
        await Task.Delay(options.BalanceInterval, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stop.IsCancellationRequested;
    }

    [LoggerMessage(EventId = 82, Level = LogLevel.Error, Message = "The books do not close: {Difference} micro-credits over {Books} books")]
    private static partial void Open(ILogger log, long difference, int books);

    [LoggerMessage(EventId = 83, Level = LogLevel.Warning, Message = "No trial balance could be drawn now")]
    private static partial void NotNow(ILogger log, Exception exception);
}
