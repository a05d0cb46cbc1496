using System.Threading.Channels;

namespace Orchestrator.Worker.Shards;

/// <summary>Something with passes to run, one at a time.</summary>
public interface IExecutable
{
    /// <summary>Runs the oldest item; true when another waits.</summary>
    bool RunNext();
}

/// <summary>Runs the passes of one engine, one at a time, taking turns between sessions so that a long prefill delays others by one pass only.</summary>
public sealed class StageExecutor : IAsyncDisposable
{
    private readonly Channel<IExecutable> turns = Channel.CreateUnbounded<IExecutable>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task running;

    /// <summary>Starts the executor.</summary>
    public StageExecutor() => running = Task.Run(RunAsync);

    /// <summary>Gives a session a turn; it must not have one already.</summary>
    public void Schedule(IExecutable session) => turns.Writer.TryWrite(session);

    /// <summary>Runs what is scheduled, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        turns.Writer.TryComplete();
        await running;
    }

    private async Task RunAsync()
    {
        await foreach (var session in turns.Reader.ReadAllAsync())
        {
            if (session.RunNext() && !turns.Writer.TryWrite(session))
            {
                // Completed while the session still had work: finish it here, nobody else can.
                while (session.RunNext())
                {
                }
            }
        }
    }
}
