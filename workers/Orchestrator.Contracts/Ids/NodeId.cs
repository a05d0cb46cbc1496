using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Orchestrator.Contracts;

/// <summary>
/// Identity of a node: the first 130 bits of SHA-256 over its raw Ed25519 public key, as 26 lower-case RFC 4648
/// base32 characters. Self-certifying: whoever holds the public key can check it. Safe in topic names, DNS labels and paths.
/// </summary>
[JsonConverter(typeof(IdJsonConverter<NodeId>))]
public readonly record struct NodeId : IStringId<NodeId>
{
    /// <summary>Length of the text form, in characters.</summary>
    public const int Length = 26;

    private readonly string? value;

    private NodeId(string value) => this.value = value;

    /// <summary>The text form; empty for <c>default</c>.</summary>
    public string Value => value ?? "";

    /// <summary>The first eight characters, for people.</summary>
    public string Short => Value.Length > 8 ? Value[..8] : Value;

    /// <summary>Derives the id from a raw 32-byte Ed25519 public key.</summary>
    public static NodeId FromPublicKey(ReadOnlySpan<byte> publicKey)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(publicKey, digest);
        return new NodeId(Base32.Encode(digest)[..Length]);
    }

    /// <inheritdoc />
    public static bool TryParse(string? text, out NodeId id)
    {
        bool valid = text is { Length: Length } && text.AsSpan().IndexOfAnyExcept(Base32.Alphabet) < 0;
        id = valid ? new NodeId(text!) : default;
        return valid;
    }

    /// <inheritdoc />
    public override string ToString() => Value;
}
