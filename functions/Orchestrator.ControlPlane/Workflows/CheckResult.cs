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
    /// <summary>The receipt does not count.</summary>
    [JsonIgnore]
    public bool Overturns => Verdict is CheckVerdict.Wrong or CheckVerdict.Undecided;
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

    /// <summary>There is doubt that nobody could settle: the answer does not count, and nobody is slashed.</summary>
    [JsonStringEnumMemberName("undecided")]
    Undecided,

    /// <summary>Nobody could check it: the answer counts as if it had not been drawn.</summary>
    [JsonStringEnumMemberName("not_done")]
    NotDone,
}
