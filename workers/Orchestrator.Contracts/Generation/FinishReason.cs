using System.Text.Json.Serialization;

namespace Orchestrator.Contracts;

/// <summary>Why a choice ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FinishReason>))]
public enum FinishReason
{
    /// <summary>The model ended its answer, or a stop sequence was met.</summary>
    [JsonStringEnumMemberName("stop")]
    Stop,

    /// <summary>The token limit was reached.</summary>
    [JsonStringEnumMemberName("length")]
    Length,
}
