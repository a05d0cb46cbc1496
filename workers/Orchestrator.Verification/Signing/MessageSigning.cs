using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using NSec.Cryptography;
using Orchestrator.Contracts;

namespace Orchestrator.Verification;

/// <summary>
/// Builds and opens <see cref="SignedMessage"/>s (Ed25519, RFC 8032). A payload is canonical: what serializing the record it holds gives, byte for byte. So one
/// statement has one payload, two payloads are two statements, and nothing can hide between them; a new member needs a new version of the type.
/// </summary>
public static class MessageSigning
{
    /// <summary>Serializes and signs a record.</summary>
    public static SignedMessage Seal<T>(string type, T record, JsonTypeInfo<T> json, SigningKey key)
    {
        byte[] payload = JsonSerializer.SerializeToUtf8Bytes(record, json);
        return new SignedMessage(type, payload, key.PublicKey, key.Sign(Signed(type, payload)));
    }

    /// <summary>
    /// Checks type, sizes, signature, shape and that the payload is canonical, and reads the record. Never throws on hostile input, null included.
    /// </summary>
    /// <param name="message">What came in.</param>
    /// <param name="type">The type expected.</param>
    /// <param name="json">How the record is read.</param>
    /// <param name="record">The record; default when false.</param>
    /// <param name="error">Why it was refused; null when true.</param>
    public static bool TryOpen<T>(SignedMessage? message, string type, JsonTypeInfo<T> json, out T record, out string? error)
    {
        record = default!;
        error = message is null ? "there is no message" : Check(message, type);
        if (message is null || error is not null)
            return false;
        try
        {
            record = JsonSerializer.Deserialize(message.Payload, json)!;
            error = record is null ? "the payload is null"
                : !JsonSerializer.SerializeToUtf8Bytes(record, json).AsSpan().SequenceEqual(message.Payload) ? $"the payload is not the canonical form of a {type}"
                : null;
        }
        catch (JsonException e)
        {
            error = $"the payload is not a {type}: {e.Message}";
        }

        return error is null;
    }

    /// <summary>Checks sizes and signature of a message of any type, without reading it: for whoever only passes it on. Never throws on hostile input.</summary>
    /// <returns>Why it was refused; null when it is whole.</returns>
    public static string? Check(SignedMessage? message) => message?.Type is not { Length: > 0 and < 64 } ? "there is no message, or its type is no type" : Check(message, message.Type);

    /// <summary>The node whose key signed the message; meaningful only after <see cref="TryOpen"/>.</summary>
    public static NodeId Signer(SignedMessage message) => NodeId.FromPublicKey(message.Key);

    private static string? Check(SignedMessage message, string type)
    {
        if (message.Type != type)
            return $"expected type {type}, got {(message.Type is { Length: < 64 } ? message.Type : "another")}";
        if (message.Payload is null or { Length: 0 or > SignedMessage.MaxPayload })
            return $"the payload must have 1 to {SignedMessage.MaxPayload} bytes";
        if (message.Key is not { Length: 32 } || message.Signature is not { Length: 64 })
            return "the key must have 32 bytes and the signature 64";
        if (!PublicKey.TryImport(SignatureAlgorithm.Ed25519, message.Key, KeyBlobFormat.RawPublicKey, out var key)
            || !SignatureAlgorithm.Ed25519.Verify(key!, Signed(type, message.Payload), message.Signature))
            return "the signature does not match";
        return null;
    }

    private static byte[] Signed(string type, byte[] payload) =>
        [.. "orchestrator\0"u8, .. Encoding.UTF8.GetBytes(type), 0, .. payload];
}
