using Orchestrator.Contracts;

namespace Orchestrator.Worker.Gateway;

/// <summary>A node's time at one gateway, from the first attempt to the end of the stream.</summary>
/// <param name="index">The gateway's place in the node's order.</param>
/// <param name="address">The gateway.</param>
/// <param name="session">The stream, not yet begun.</param>
/// <param name="stop">The node stops.</param>
internal sealed class GatewayStay(int index, Uri address, GatewaySession session, CancellationToken stop) : IDisposable
{
    private readonly CancellationTokenSource leave = CancellationTokenSource.CreateLinkedTokenSource(stop);
    private readonly TaskCompletionSource welcomed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Index => index;

    public Uri Address => address;

    public GatewaySession Session => session;

    /// <summary>Completed when the gateway has welcomed the node.</summary>
    public Task Welcomed => welcomed.Task;

    /// <summary>The stream: why it ended, see <see cref="GatewaySession.RunAsync"/>.</summary>
    public Task<(TimeSpan After, string Reason)> Run { get; private set; } = Task.FromResult((TimeSpan.Zero, ""));

    /// <summary>Begins; <paramref name="opened"/> and <paramref name="closed"/> are called with this.</summary>
    public GatewayStay Begin(int capacity, Action<GatewayStay> opened, Action<GatewayStay> closed, Func<SignedMessage, bool> accept)
    {
        Run = RunAsync(capacity, opened, closed, accept);
        return this;
    }

    /// <summary>Ends it, and what still goes by it.</summary>
    public async Task LeaveAsync()
    {
        await leave.CancelAsync();
        await ((Task)Run).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Dispose();
    }

    /// <inheritdoc />
    public void Dispose() => leave.Dispose();

    private async Task<(TimeSpan After, string Reason)> RunAsync(int capacity, Action<GatewayStay> opened, Action<GatewayStay> closed, Func<SignedMessage, bool> accept)
    {
        await Task.Yield();
        using (session)
        {
            try
            {
                return await session.RunAsync(
                    capacity,
                    () =>
                    {
                        opened(this);
                        welcomed.TrySetResult();
                    },
                    accept,
                    leave.Token);
            }
            finally
            {
                closed(this);
            }
        }
    }
}
