using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Diagnostics;

namespace Orchestrator.ControlPlane.OpenAi;

/// <summary>Measures what a client waits for: the first token, then the time per output token. Tokens that come together share the time since those before.</summary>
public sealed class StreamClock(ControlPlaneMetrics metrics, TimeProvider time, long started)
{
    private long last;

    /// <summary>Whether nothing has come yet.</summary>
    public bool Waiting { get; private set; } = true;

    /// <summary>A batch of events has come.</summary>
    public void Note(IReadOnlyList<StreamEvent> batch)
    {
        int tokens = batch.Count(e => e.Draw is not null);
        long now = time.GetTimestamp();
        if (Waiting)
            metrics.FirstToken(time.GetElapsedTime(started, now));
        for (int token = 0; token < tokens; token++)
            metrics.Token(Waiting ? null : time.GetElapsedTime(last, now) / tokens);
        Waiting = false;
        if (tokens > 0 || last == 0)
            last = now;
    }
}
