using System.Text.Json.Serialization;
using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Tracing;

/// <summary>Where the time of a job went, as its nodes report it: telemetry that nobody signed and that decides nothing.</summary>
/// <param name="Job">The job.</param>
/// <param name="CreatedAt">When it was accepted.</param>
/// <param name="UpdatedAt">When its status changed last.</param>
/// <param name="TotalMicroseconds">Between the two.</param>
/// <param name="Chains">One per chain.</param>
public sealed record JobTraceView(
    string Job,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    [property: JsonPropertyName("total_us")] long TotalMicroseconds,
    IReadOnlyList<ChainTraceView> Chains)
{
    /// <summary>Says whose word this is.</summary>
    public string Source { get; init; } = "as reported by the nodes, by their own clocks";
}

/// <summary>One chain's trace; times in microseconds.</summary>
/// <param name="Chain">Its number within the job.</param>
/// <param name="Attempt">Its dispatch attempt.</param>
/// <param name="Nodes">Who ran which stage.</param>
/// <param name="Missing">Why some stages are not in here; empty when all are.</param>
/// <param name="Open">From the assignment to the open chain.</param>
/// <param name="FirstToken">From the open chain to the first token.</param>
/// <param name="Total">From the assignment to the last token.</param>
/// <param name="Around">What is left of the job's time: planning, dispatch, comparing, settling.</param>
/// <param name="Prompt">Sums over the passes of the prompt.</param>
/// <param name="Decode">Sums over the passes that drew tokens one by one.</param>
/// <param name="Slowest">What took most of the time of the tokens.</param>
/// <param name="Passes">One per pass, in the order they were answered; the first <see cref="JobTrace.MostPasses"/>.</param>
public sealed record ChainTraceView(
    int Chain,
    int Attempt,
    IReadOnlyList<NodeId> Nodes,
    IReadOnlyList<string> Missing,
    long Open,
    long FirstToken,
    long Total,
    long Around,
    TraceSums Prompt,
    TraceSums Decode,
    string? Slowest,
    IReadOnlyList<PassTraceView> Passes);

/// <summary>Sums of times by cause, in microseconds.</summary>
/// <param name="Passes">Passes summed up.</param>
/// <param name="Trip">From the edge through the chain and back.</param>
/// <param name="Stages">By stage.</param>
/// <param name="Network">What of the trips no stage accounts for: links, wake-ups, the edge's own reading.</param>
/// <param name="Edge">From an answer to the next question: sampling's text, stop sequences, the stream.</param>
public sealed record TraceSums(int Passes, long Trip, IReadOnlyList<StageSpent> Stages, long Network, long Edge);

/// <summary>What one stage spent; times in microseconds.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Queue">From the frame to the runtime.</param>
/// <param name="Compute">In the runtime.</param>
/// <param name="Send">From the runtime to the link.</param>
/// <param name="Commit">Commitments and evidence, after the output was on its way: nobody waits for it unless the next pass is there.</param>
public sealed record StageSpent(int Stage, long Queue, long Compute, long Send, long Commit);

/// <summary>One pass; times in microseconds.</summary>
/// <param name="Choice">The completion.</param>
/// <param name="Position">Absolute position of its first token.</param>
/// <param name="Drew">Whether it drew a token.</param>
/// <param name="At">When the edge sent it, after the assignment.</param>
/// <param name="Trip">Until the answer was back.</param>
/// <param name="Edge">Since the answer before, if this pass waited for it; else 0.</param>
/// <param name="Network">What of the trip no stage accounts for.</param>
/// <param name="Stages">What stages spent on it.</param>
public sealed record PassTraceView(int Choice, int Position, bool Drew, long At, long Trip, long Edge, long Network, IReadOnlyList<StageSpent> Stages);
