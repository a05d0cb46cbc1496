using Orchestrator.Disputes.Parties;

namespace Orchestrator.Worker.Disputes;

/// <summary>A trace that is being made or is ready. Questions take turns.</summary>
public sealed class TraceEntry(CancellationTokenSource cancel, Task<OpenTrace> made) : IAsyncDisposable
{
    private readonly SemaphoreSlim turn = new(1);

    /// <summary>The trace; fails when it cannot be made.</summary>
    public Task<OpenTrace> Made => made;

    /// <summary>Whether it could not be made; the next query tries again.</summary>
    public bool Failed => made.IsFaulted || made.IsCanceled;

    /// <summary>When it is dropped.</summary>
    public DateTimeOffset Until { get; set; }

    /// <summary>Asks the party once the trace is ready.</summary>
    /// <exception cref="InvalidDataException">There is no such step.</exception>
    public async Task<T> AskAsync<T>(Func<TraceParty, T> question, CancellationToken left)
    {
        var trace = await made.WaitAsync(left);
        await turn.WaitAsync(left);
        try
        {
            return await Task.Run(() => question(trace.Party), CancellationToken.None);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await cancel.CancelAsync();
        await ((Task)made).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await turn.WaitAsync();
        if (made.IsCompletedSuccessfully)
            (await made).Dispose();
        cancel.Dispose();
    }
}

/// <summary>A party with all that its trace holds.</summary>
public sealed class OpenTrace(TraceParty party, IEnumerable<IDisposable> resources) : IDisposable
{
    /// <summary>Answers.</summary>
    public TraceParty Party => party;

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var resource in resources)
            resource.Dispose();
    }
}
