using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Orchestrator.Contracts;

/// <summary>A SHA-256 digest: 64 lower-case hex digits.</summary>
[JsonConverter(typeof(IdJsonConverter<Digest>))]
public readonly record struct Digest : IStringId<Digest>
{
    private readonly string? value;

    private Digest(string value) => this.value = value;

    /// <summary>The text form; empty for <c>default</c>.</summary>
    public string Value => value ?? "";

    /// <summary>The first twelve digits, for people.</summary>
    public string Short => Value.Length > 12 ? Value[..12] : Value;

    /// <summary>Digest of the given bytes.</summary>
    public static Digest Of(ReadOnlySpan<byte> bytes) => new(Convert.ToHexStringLower(SHA256.HashData(bytes)));

    /// <summary>Digest of a stream from its current position to its end.</summary>
    public static async Task<Digest> OfAsync(Stream stream, CancellationToken cancel = default) =>
        new(Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancel)));

    /// <summary>Wraps 32 bytes that are already a SHA-256 digest.</summary>
    public static Digest FromHash(ReadOnlySpan<byte> hash) =>
        hash.Length == SHA256.HashSizeInBytes ? new(Convert.ToHexStringLower(hash)) : throw new ArgumentException("A SHA-256 digest has 32 bytes.", nameof(hash));

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination) => Convert.FromHexString(Value, destination, out _, out _);

    /// <inheritdoc />
    public static bool TryParse(string? text, out Digest id)
    {
        bool valid = text is { Length: SHA256.HashSizeInBytes * 2 } && Hex.IsLower(text);
        id = valid ? new Digest(text!) : default;
        return valid;
    }

    /// <inheritdoc />
    public override string ToString() => Value;
}
