using Orchestrator.Contracts;

namespace Orchestrator.Cli;

/// <summary>Everything the demo saw; <c>demo -o json</c> prints exactly this.</summary>
/// <param name="Ok">Every answer was equal to the uncut model's and agreed by two chains, and the books balance.</param>
/// <param name="Model">What was cut.</param>
/// <param name="Nodes">The worker processes.</param>
/// <param name="Questions">What was asked.</param>
/// <param name="Ledger">Money before and after.</param>
/// <param name="Seconds">The demo's wall-clock time by phase.</param>
public sealed record DemoReport(
    bool Ok,
    DemoModel Model,
    IReadOnlyList<DemoNode> Nodes,
    IReadOnlyList<DemoQuestion> Questions,
    DemoLedger Ledger,
    IReadOnlyDictionary<string, double> Seconds);

/// <summary>The model and its shards.</summary>
public sealed record DemoModel(string Name, Digest Manifest, long Parameters, int Layers, IReadOnlyList<DemoShard> Shards);

/// <summary>One shard.</summary>
public sealed record DemoShard(int Stage, LayerRange Layers, long Bytes, long Parameters, long BytesPerToken, Digest Blob);

/// <summary>One worker process.</summary>
/// <param name="Process">Operating system process id.</param>
/// <param name="Earned">Micro-credits over all questions.</param>
/// <param name="Bonded">Micro-credits bonded.</param>
/// <param name="Score">Score of its answers, 0 to 1.</param>
public sealed record DemoNode(string Name, NodeId Node, string Host, int Process, long Earned, long Bonded, double Score);

/// <summary>One question and how it was answered.</summary>
/// <param name="Uncut">What the whole model answers in one process.</param>
/// <param name="Equal">Whether answer and uncut answer are the same, token for token.</param>
/// <param name="TokensPerSecond">Tokens over the time from the request to the last text.</param>
/// <param name="ChainsAgreed">Disjoint chains with equal tokens and equal commitments.</param>
public sealed record DemoQuestion(
    string Question,
    string Answer,
    string Uncut,
    bool Equal,
    int Tokens,
    int ChainsAgreed,
    Digest Commitment,
    double FirstTokenMilliseconds,
    double TokensPerSecond,
    long Quoted,
    long Charged,
    IReadOnlyList<DemoChain> Chains);

/// <summary>One chain's run of a question.</summary>
public sealed record DemoChain(int Chain, IReadOnlyList<DemoStage> Stages);

/// <summary>One stage of a chain.</summary>
/// <param name="MicrosecondsPerPass">Time inside the runtime, per forward pass.</param>
public sealed record DemoStage(string Name, NodeId Node, string Host, LayerRange Layers, long ComputeMicroseconds, double MicrosecondsPerPass, long Earned);

/// <summary>The developer's money and where it went, in micro-credits.</summary>
/// <param name="Fee">What the protocol kept.</param>
/// <param name="Balanced">Whether what left the developer equals what hosts and protocol got.</param>
public sealed record DemoLedger(long Before, long After, long PaidToHosts, long Fee, bool Balanced);
