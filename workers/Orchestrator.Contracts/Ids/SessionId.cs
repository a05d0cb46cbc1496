using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Orchestrator.Contracts;

/// <summary>
/// Identity of one chain's run of a job: 32 lower-case hex digits (16 bytes on the wire), derived from the job,
/// the chain's number and the attempt, so that a redelivered assignment names the same session.
/// </summary>
[JsonConverter(typeof(IdJsonConverter<SessionId>))]
public readonly record struct SessionId : IStringId<SessionId>
{
    /// <summary>Size of the wire form, in bytes.</summary>
    public const int Size = 16;

    private readonly string? value;

    private SessionId(string value) => this.value = value;

    /// <summary>The text form; empty for <c>default</c>.</summary>
    public string Value => value ?? "";

    /// <summary>Derives the session of chain <paramref name="chain"/> (0-based) in dispatch attempt <paramref name="attempt"/> (0-based).</summary>
    public static SessionId Derive(JobId job, int chain, int attempt) =>
        FromBytes(SHA256.HashData(Encoding.ASCII.GetBytes($"session/1|{job}|{chain}|{attempt}")).AsSpan(0, Size));

    /// <summary>Reads the 16-byte wire form.</summary>
    public static SessionId FromBytes(ReadOnlySpan<byte> bytes) => new(Convert.ToHexStringLower(bytes[..Size]));

    /// <summary>Writes the 16-byte wire form.</summary>
    public void CopyTo(Span<byte> destination) => Convert.FromHexString(Value, destination, out _, out _);

    /// <inheritdoc />
    public static bool TryParse(string? text, out SessionId id)
    {
        bool valid = text is { Length: Size * 2 } && Hex.IsLower(text);
        id = valid ? new SessionId(text!) : default;
        return valid;
    }

    /// <inheritdoc />
    public override string ToString() => Value;
}
