using Orchestrator.Contracts;
using Orchestrator.Core.Disputes;

namespace Orchestrator.Core.Tests.Disputes;

/// <summary>How a party behaves.</summary>
internal enum Manner
{
    /// <summary>Computes right, answers in time.</summary>
    Honest,

    /// <summary>Defends or claims its own wrong run consistently.</summary>
    Consistent,

    /// <summary>Committed to a wrong hash, but shows an honest trace.</summary>
    Turncoat,

    /// <summary>Makes up every state.</summary>
    Inventive,

    /// <summary>Gives another state whenever it is asked again.</summary>
    Fickle,

    /// <summary>Counts other steps than there are.</summary>
    Miscounting,

    /// <summary>Supplies evidence that does not fit.</summary>
    Foggy,

    /// <summary>Opens another leaf than the one in its states.</summary>
    Swapping,

    /// <summary>Answers some questions, then no more.</summary>
    Tiring,

    /// <summary>Never answers.</summary>
    Silent,
}

/// <summary>One party: a trace and a manner of showing it.</summary>
internal sealed class Player(Party party, NodeId node, Manner manner, Trace trace, int passes, int patience, Random random)
{
    private readonly Dictionary<long, Digest> invented = [];
    private int answers;

    public Party Party => party;

    public NodeId Node => node;

    public Manner Manner => manner;

    public bool Honest => manner == Manner.Honest;

    /// <summary>What it says the chunk's hash is.</summary>
    public Digest Chunk => manner == Manner.Turncoat ? Given.DigestOf($"whim of {party}") : trace.Chunk;

    public bool Answers() => manner switch
    {
        Manner.Silent => false,
        Manner.Tiring => answers++ < patience,
        _ => true,
    };

    public TraceStates States(DisputeGame game)
    {
        int per = (int)(trace.Steps / passes) + (manner == Manner.Miscounting ? 1 : 0);
        return new(TraceStates.CurrentSchema, node, game.Opening.Dispute, Given.Class, per, (long)per * passes, game.Asked, [.. game.Asked.Select(State)], Given.Now);
    }

    public (Digest Leaf, bool Fits) Leaf(DisputeGame game)
    {
        long step = game.Step!.Value;
        var leaf = manner == Manner.Swapping ? Given.DigestOf("swapped") : trace.Leaf(step);
        var after = (party == Party.Challenger ? game.Challenger : game.Defender).States[step + 1];
        return (leaf, Trace.After(game.Agreed, leaf) == after);
    }

    public Digest Evidence => Given.DigestOf(manner == Manner.Foggy ? $"fog of {party}" : "evidence");

    private Digest State(long count) => manner switch
    {
        Manner.Inventive => invented.TryGetValue(count, out var state) ? state : invented[count] = Noise(),
        Manner.Fickle => Noise(),
        _ => count <= trace.Steps ? trace.State(count) : Noise(),
    };

    private Digest Noise() => Given.DigestOf($"noise {random.NextInt64()}");
}
