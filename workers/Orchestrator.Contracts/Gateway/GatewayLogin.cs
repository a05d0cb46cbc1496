namespace Orchestrator.Contracts;

/// <summary>
/// A node's proof to a gateway that it holds its key, as a <see cref="SignedMessage"/> of type <see cref="MessageTypes.GatewayLogin"/>. It is worth something
/// once, on the connection whose challenge it answers, at the gateway whose certificate the node saw there.
/// </summary>
/// <param name="SchemaVersion">Version of this message.</param>
/// <param name="Node">The node that signs.</param>
/// <param name="Audience">Host name or address the node dialled.</param>
/// <param name="Certificate">SHA-256 of the certificate the node was shown on this connection.</param>
/// <param name="Nonce">The gateway's challenge, <see cref="NonceLength"/> bytes.</param>
/// <param name="At">When the node signed.</param>
public sealed record GatewayLogin(int SchemaVersion, NodeId Node, string Audience, Digest Certificate, byte[] Nonce, DateTimeOffset At)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>Bytes of a challenge.</summary>
    public const int NonceLength = 32;

    /// <summary>Most characters of <see cref="Audience"/>: the longest host name.</summary>
    public const int LongestAudience = 253;
}
