using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Orchestrator.Contracts;

/// <summary>Identity of one public demand of evidence: <c>dem-</c> and 32 lower-case hex digits, derived from what is demanded, so that a repeated demand is the same one.</summary>
[JsonConverter(typeof(IdJsonConverter<DemandId>))]
public readonly record struct DemandId : IStringId<DemandId>
{
    private const string Prefix = "dem-";

    private readonly string? value;

    private DemandId(string value) => this.value = value;

    /// <summary>The text form; empty for <c>default</c>.</summary>
    public string Value => value ?? "";

    /// <summary>The demand of one file of one stage's choice by one check; <paramref name="by"/> tells checks of the same receipt apart.</summary>
    public static DemandId Derive(SessionId session, int stage, int choice, EvidenceKind kind, string by) =>
        new(Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"demand/1|{session}|{stage}|{choice}|{kind}|{by}")).AsSpan(0, 16)));

    /// <summary>What a node answers to show that it reaches the door; nothing is demanded under it.</summary>
    public static DemandId OfDoor(NodeId node) => new(Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"door/1|{node}")).AsSpan(0, 16)));

    /// <inheritdoc />
    public static bool TryParse(string? text, out DemandId id)
    {
        bool valid = text is { Length: 36 } && text.StartsWith(Prefix, StringComparison.Ordinal) && Hex.IsLower(text.AsSpan(Prefix.Length));
        id = valid ? new DemandId(text!) : default;
        return valid;
    }

    /// <inheritdoc />
    public override string ToString() => Value;
}
