using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Orchestrator.Contracts;

/// <summary>
/// Identity of one dispute: <c>dsp-</c> and 32 lower-case hex digits, derived from what is challenged and who challenges it, so that
/// a challenge sent twice is the same dispute.
/// </summary>
[JsonConverter(typeof(IdJsonConverter<DisputeId>))]
public readonly record struct DisputeId : IStringId<DisputeId>
{
    private const string Prefix = "dsp-";

    private readonly string? value;

    private DisputeId(string value) => this.value = value;

    /// <summary>The text form; empty for <c>default</c>.</summary>
    public string Value => value ?? "";

    /// <summary>The dispute that the platform opens, after an audit or between chains, with <paramref name="challenger"/> over one stage's choice.</summary>
    public static DisputeId Derive(SessionId session, int stage, int choice, NodeId challenger) =>
        new(Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"dispute/1|{session}|{stage}|{choice}|{challenger}")).AsSpan(0, 16)));

    /// <summary>The dispute of a public challenge of one stage's choice: never the one that an audit by the same node leads to.</summary>
    public static DisputeId OfChallenge(SessionId session, int stage, int choice, NodeId challenger) =>
        new(Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"challenge/1|{session}|{stage}|{choice}|{challenger}")).AsSpan(0, 16)));

    /// <summary>The dispute of a public challenge of the draws of one last stage's choice: beside one of its outputs.</summary>
    public static DisputeId OfDraws(SessionId session, int stage, int choice, NodeId challenger) =>
        new(Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"draws/1|{session}|{stage}|{choice}|{challenger}")).AsSpan(0, 16)));

    /// <inheritdoc />
    public static bool TryParse(string? text, out DisputeId id)
    {
        bool valid = text is { Length: 36 } && text.StartsWith(Prefix, StringComparison.Ordinal) && Hex.IsLower(text.AsSpan(Prefix.Length));
        id = valid ? new DisputeId(text!) : default;
        return valid;
    }

    /// <inheritdoc />
    public override string ToString() => Value;
}
