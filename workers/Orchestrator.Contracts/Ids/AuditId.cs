using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Orchestrator.Contracts;

/// <summary>Identity of one audit: <c>aud-</c> and 32 lower-case hex digits, derived from what is audited, so that a redelivered task is the same audit.</summary>
[JsonConverter(typeof(IdJsonConverter<AuditId>))]
public readonly record struct AuditId : IStringId<AuditId>
{
    private const string Prefix = "aud-";

    private readonly string? value;

    private AuditId(string value) => this.value = value;

    /// <summary>The text form; empty for <c>default</c>.</summary>
    public string Value => value ?? "";

    /// <summary>The audit of one stage's choice; <paramref name="attempt"/> (0-based) tells apart auditors asked one after another.</summary>
    public static AuditId Derive(SessionId session, int stage, int choice, int attempt) =>
        new(Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"audit/1|{session}|{stage}|{choice}|{attempt}")).AsSpan(0, 16)));

    /// <inheritdoc />
    public static bool TryParse(string? text, out AuditId id)
    {
        bool valid = text is { Length: 36 } && text.StartsWith(Prefix, StringComparison.Ordinal) && Hex.IsLower(text.AsSpan(Prefix.Length));
        id = valid ? new AuditId(text!) : default;
        return valid;
    }

    /// <inheritdoc />
    public override string ToString() => Value;
}
