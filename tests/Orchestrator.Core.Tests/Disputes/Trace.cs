using Orchestrator.Contracts;

namespace Orchestrator.Core.Tests.Disputes;

/// <summary>
/// A computation in miniature: what a step puts out follows from the state before it, and states chain over what was put out, so that whoever goes wrong once
/// stays different, and a referee can run any one step on agreed inputs.
/// </summary>
/// <param name="Steps">Steps in all.</param>
/// <param name="LiesAt">Steps whose output is made up.</param>
/// <param name="Liar">Tells lies of different liars apart.</param>
internal sealed record Trace(long Steps, IReadOnlySet<long> LiesAt, string Liar)
{
    private readonly Digest[] states = Run(Steps, LiesAt, Liar);

    public static Trace Honest(long steps) => new(steps, new HashSet<long>(), "");

    /// <summary>The state after so many steps.</summary>
    public Digest State(long count) => states[count];

    public Digest Leaf(long step) => LiesAt.Contains(step) ? Lie(Liar, step) : Right(step, State(step));

    /// <summary>What a stage commits to for the chunk that ends here.</summary>
    public Digest Chunk => ChunkOf(State(Steps));

    /// <summary>What an honest run of one step gives.</summary>
    public static Digest Right(long step, Digest before) => Given.DigestOf($"step {step} of {before}");

    public static Digest After(Digest before, Digest leaf) => Given.DigestOf($"{before} then {leaf}");

    public static Digest ChunkOf(Digest state) => Given.DigestOf($"chunk {state}");

    private static Digest Lie(string liar, long step) => Given.DigestOf($"lie of {liar} at {step}");

    private static Digest[] Run(long steps, IReadOnlySet<long> liesAt, string liar)
    {
        var states = new Digest[steps + 1];
        states[0] = Core.Disputes.DisputeGame.NoSteps;
        for (long step = 0; step < steps; step++)
            states[step + 1] = After(states[step], liesAt.Contains(step) ? Lie(liar, step) : Right(step, states[step]));
        return states;
    }
}
