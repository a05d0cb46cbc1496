using System.Net.Sockets;

namespace Orchestrator.Relay.Server;

/// <summary>Accepts connections until it is stopped; whatever else goes wrong, such as descriptors that are used up, passes.</summary>
internal sealed class AcceptLoop(Func<CancellationToken, ValueTask<Socket>> accept, Action<Socket> take, TimeProvider time)
{
    /// <summary>Rest after a failure, so that one that lasts does not cost a processor.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs until stopped; does not throw.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                take(await accept(stop));
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset)
            {
            }
            catch (SocketException)
            {
                await Task.Delay(Pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
            {
                return;
            }
        }
    }
}
