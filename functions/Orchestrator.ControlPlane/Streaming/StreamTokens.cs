using System.Security.Cryptography;
using System.Text;
using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Streaming;

/// <summary>
/// Bearer tokens that open sessions' streams: HMAC-SHA-256 of the session under a key derived from the platform's identity, so that any replica,
/// also a restarted one, can make them again. Nodes get only a token's SHA-256.
/// </summary>
public sealed class StreamTokens(SigningKey platform)
{
    // Ed25519 signatures are deterministic, so this one is a secret that only the holder of the key can compute. No message starts like it.
    private readonly byte[] secret = SHA256.HashData(platform.Sign("orchestrator-stream-token/1"u8));

    /// <summary>The token of a session, 43 characters of base64url.</summary>
    public string Of(SessionId session) =>
        Convert.ToBase64String(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(session.Value))).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>SHA-256 of the token's ASCII bytes.</summary>
    public Digest DigestOf(SessionId session) => Digest.Of(Encoding.ASCII.GetBytes(Of(session)));
}
