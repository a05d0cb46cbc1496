namespace Orchestrator.Contracts;

/// <summary>
/// The envelope of every message between nodes and platform. The signature is Ed25519 over
/// <c>"orchestrator\0" + Type + "\0" + Payload</c>; build and verify live in <c>Orchestrator.Verification</c>.
/// </summary>
/// <param name="Type">What the payload is, see <see cref="MessageTypes"/>; signed, so a payload cannot pass as another type.</param>
/// <param name="Payload">UTF-8 JSON of the record, exactly as signed; at most 1 MiB.</param>
/// <param name="Key">The signer's raw Ed25519 public key, 32 bytes.</param>
/// <param name="Signature">64 bytes.</param>
public sealed record SignedMessage(string Type, byte[] Payload, byte[] Key, byte[] Signature)
{
    /// <summary>Most payload bytes accepted.</summary>
    public const int MaxPayload = 1 << 20;
}
