using Orchestrator.Contracts;

namespace Orchestrator.TestKit;

/// <summary>Runs <see cref="FakeModel"/>s at no cost, and fails where a test asks for it. Thread-safe.</summary>
/// <param name="fake">The only model it knows.</param>
/// <param name="executionClass">The class it claims; a usual CPU class unless given.</param>
public sealed class FakeStageLoader(FakeModel fake, ExecutionClass? executionClass = null) : IStageLoader
{
    private int openSessions;
    private int loaded;
    private long passes;

    /// <summary>Called before every load with the stage; an exception it throws fails the load.</summary>
    public Action<int>? OnLoad { get; set; }

    /// <summary>Called before every pass, on the thread that runs it; an exception it throws fails the pass, waiting in it delays the pass.</summary>
    public Action<FakePass>? OnPass { get; set; }

    /// <summary>Passes whose first output it falsifies by one bit, as a cheating node would.</summary>
    public Func<FakePass, bool>? Falsify { get; set; }

    /// <summary>Sessions open now over all engines: 0 when nothing leaks.</summary>
    public int OpenSessions => Volatile.Read(ref openSessions);

    /// <summary>Engines loaded and not disposed.</summary>
    public int LoadedEngines => Volatile.Read(ref loaded);

    /// <summary>Passes run so far.</summary>
    public long Passes => Interlocked.Read(ref passes);

    /// <inheritdoc />
    public ExecutionClass Class { get; } = executionClass ?? new("fake/1", "cpu", "disabled", "none");

    /// <inheritdoc />
    public async Task<IStageEngine> LoadAsync(string path, ModelManifest model, int stage, CancellationToken cancel)
    {
        OnLoad?.Invoke(stage);
        byte[] file = await File.ReadAllBytesAsync(path, cancel);
        if (model.Source != fake.Manifest.Source || !file.AsSpan().SequenceEqual(fake.ShardFile(stage)))
            throw new InvalidDataException($"{path} is not stage {stage} of {fake.Manifest.Name}.");
        Interlocked.Increment(ref loaded);
        return new FakeStageEngine(this, fake, stage);
    }

    internal void Opened(int change) => Interlocked.Add(ref openSessions, change);

    internal void Unloaded() => Interlocked.Decrement(ref loaded);

    internal void Before(FakePass pass)
    {
        Interlocked.Increment(ref passes);
        OnPass?.Invoke(pass);
    }
}

/// <summary>One pass on one stage.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Position">Tokens in the cache before it.</param>
/// <param name="Tokens">Tokens of the pass.</param>
public readonly record struct FakePass(int Stage, int Position, int Tokens);
