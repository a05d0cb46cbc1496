using System.Text.Json.Serialization;
using Orchestrator.Contracts;
using Orchestrator.Core.Stake;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>What an audit or a dispute found of one stage's receipt. Whoever is proven guilty has been slashed by then.</summary>
/// <param name="Verdict">Whether the receipt stands.</param>
/// <param name="Guilty">Who is proven to have cheated; null when nobody is. Not always the checked node: a lazy auditor, a challenger.</param>
/// <param name="Fault">Of what.</param>
/// <param name="Note">For people.</param>
public sealed record CheckResult(CheckVerdict Verdict, NodeId? Guilty, FaultKind? Fault, string Note)
{
    /// <summary>An undecided receipt does not count: its evidence was not served, or independent auditors doubt it.</summary>
    public bool Voids { get; init; }

    /// <summary>The receipt does not count.</summary>
    [JsonIgnore]
    public bool Overturns => Verdict == CheckVerdict.Wrong || Voids;
}

/// <summary>Verdicts of audits and disputes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CheckVerdict>))]
public enum CheckVerdict
{
    /// <summary>The receipt stands.</summary>
    [JsonStringEnumMemberName("passed")]
    Passed,

    /// <summary>The receipt was found wrong, or its evidence was withheld.</summary>
    [JsonStringEnumMemberName("wrong")]
    Wrong,

    /// <summary>There is doubt that nobody could settle, and nobody is slashed. Whether the answer counts says <see cref="CheckResult.Voids"/>.</summary>
    [JsonStringEnumMemberName("undecided")]
    Undecided,

    /// <summary>Nobody could check it: the answer counts, and says that it was not checked.</summary>
    [JsonStringEnumMemberName("not_done")]
    NotDone,
}
