using System.Text.Json.Serialization;
using Orchestrator.Contracts;

namespace Orchestrator.Verification;

/// <summary>What an offline check of a job's receipts found.</summary>
/// <param name="Holds">Whether nothing is broken.</param>
/// <param name="Problem">Why the document cannot be checked at all; null when it can.</param>
/// <param name="Chains">One per result, in the document's order.</param>
public sealed record ReceiptsReport(bool Holds, string? Problem, IReadOnlyList<ChainReceipts> Chains)
{
    /// <summary>What was found about the lottery of the job's audits; empty where nobody looked.</summary>
    public IReadOnlyList<ReceiptFinding> Lottery { get; init; } = [];
}

/// <summary>The findings for one chain.</summary>
/// <param name="Chain">Its number; -1 when its result could not be read.</param>
/// <param name="Edge">Who signed its result.</param>
/// <param name="Findings">What was checked, in order.</param>
public sealed record ChainReceipts(int Chain, NodeId? Edge, IReadOnlyList<ReceiptFinding> Findings);

/// <summary>One thing that was checked.</summary>
/// <param name="Subject">What it is about: <c>result, manifest, receipts, chaining, counts, links, draws, input, lottery</c>.</param>
/// <param name="Outcome">Whether it holds.</param>
/// <param name="Stage">The stage it is broken at; the sender of a broken link; null otherwise.</param>
/// <param name="Message">For people.</param>
public sealed record ReceiptFinding(string Subject, FindingOutcome Outcome, int? Stage, string Message);

/// <summary>How a check ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FindingOutcome>))]
public enum FindingOutcome
{
    /// <summary>As it should be.</summary>
    [JsonStringEnumMemberName("holds")]
    Holds,

    /// <summary>Somebody signed what cannot be.</summary>
    [JsonStringEnumMemberName("broken")]
    Broken,

    /// <summary>Could not be checked with what is at hand.</summary>
    [JsonStringEnumMemberName("unknown")]
    Unknown,
}
