using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Sidecar.Apps;

/// <summary>
/// Follows one app through its life: looks for it (at most once per second) while it is down, asks what it handles
/// when it is up, and waits for its connection to end.
/// </summary>
internal sealed partial class AppWatch(App app, Action<App, AppDescription> connected, Action<App> disconnected, ILogger log)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan InterviewTimeout = TimeSpan.FromSeconds(10);

    public async Task RunAsync(CancellationToken stop)
    {
        var pause = FirstPause;
        while (!stop.IsCancellationRequested)
        {
            var doubt = app.NextDoubt();
            try
            {
                if (app.Endpoint is not { } endpoint)
                {
                    await doubt.WaitAsync(stop);
                    continue;
                }
                using var tether = await AppTether.ConnectAsync(endpoint, stop);
                await InterviewAsync(stop);
                pause = FirstPause;
                using var release = CancellationTokenSource.CreateLinkedTokenSource(stop);
                await UntilLostAsync(endpoint, tether.HoldAsync(release.Token), doubt, stop);
                await release.CancelAsync();
                Lost(log, app.Id);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is SocketException or HttpRequestException or AppUnreachableException or OperationCanceledException or InvalidDataException)
            {
                NotYet(log, app.Id, e.Message);
                // A fresh signal: the failed attempt itself may have raised the old one.
                await Task.WhenAny(Task.Delay(pause, TimeProvider.System, stop), app.NextDoubt());
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
            finally
            {
                app.SetDown();
                disconnected(app);
            }
        }
    }

    private async Task InterviewAsync(CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(InterviewTimeout);
        var description = await AppInterview.AskAsync(app, limit.Token);
        connected(app, description);
        app.SetUp();
        Found(log, app.Id, description.Subscriptions.Count, string.Join(",", description.ActorTypes.Keys));
    }

    /// <summary>A doubt alone loses nothing: the app is lost when its connection ended, it moved, or it listens no more.</summary>
    private async Task UntilLostAsync(Uri endpoint, Task held, Task doubt, CancellationToken stop)
    {
        while (true)
        {
            await Task.WhenAny(held, doubt).WaitAsync(stop);
            if (held.IsCompleted || app.Endpoint != endpoint)
            {
                return;
            }
            doubt = app.NextDoubt();
            using (await AppTether.ConnectAsync(endpoint, stop))
            {
                app.SetUp();
            }
        }
    }

    [LoggerMessage(201, LogLevel.Information, "App {AppId} is up: {Subscriptions} subscriptions, actor types [{ActorTypes}]")]
    private static partial void Found(ILogger log, string appId, int subscriptions, string actorTypes);

    [LoggerMessage(202, LogLevel.Information, "App {AppId} went away or moved")]
    private static partial void Lost(ILogger log, string appId);

    [LoggerMessage(203, LogLevel.Debug, "App {AppId} is not up yet: {Reason}")]
    private static partial void NotYet(ILogger log, string appId, string reason);
}
