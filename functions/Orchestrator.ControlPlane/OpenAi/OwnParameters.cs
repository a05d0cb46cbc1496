using System.Text.Json.Serialization;
using Orchestrator.Core.Assurance;

namespace Orchestrator.ControlPlane.OpenAi;

/// <summary>What a request says in our own field, <c>orchestrator</c>.</summary>
/// <param name="Assurance">What the answer must be checked by.</param>
/// <param name="Webhook">Where the client wants to hear of the job; null for nowhere.</param>
/// <param name="Evidence">Who may read the evidence of its stages.</param>
/// <param name="IgnoreEnd">Go on past the end token (benchmarks).</param>
internal sealed record OwnParameters(AssuranceLevel Assurance, string? Webhook, EvidenceAudience Evidence, bool IgnoreEnd);

/// <summary>Who may read the evidence of a job's stages: what they received and committed to, from which prompt and answer can be read.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EvidenceAudience>))]
public enum EvidenceAudience
{
    /// <summary>The account that asked.</summary>
    [JsonStringEnumMemberName("owner")]
    Owner,

    /// <summary>Also whoever operates a node with a bonded stake, to decide whether to challenge the answer.</summary>
    [JsonStringEnumMemberName("public")]
    Public,
}
