using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Contracts;

namespace Orchestrator.Gateway.Nodes;

/// <summary>
/// Tokens that say which node somebody has logged in as, and until when: <c>node.expiry.mac</c>, with HMAC-SHA256 under a secret that the replicas share.
/// Nothing is stored, so a token of one replica is good at all.
/// </summary>
internal sealed class SessionTokens(byte[] secret, TimeSpan lifetime, TimeProvider time)
{
    private const int LongestToken = 160;

    private readonly byte[] key = HMACSHA256.HashData(secret, "orchestrator gateway session token"u8);

    /// <summary>How long a new token is good.</summary>
    public TimeSpan Lifetime => lifetime;

    /// <summary>The secret of a file, or a fresh one.</summary>
    public static byte[] Secret(string? file) => file is null ? RandomNumberGenerator.GetBytes(32) : File.ReadAllBytes(file);

    /// <summary>A token for a node that has just proven its key.</summary>
    public string Issue(NodeId node)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{node}.{(time.GetUtcNow() + lifetime).ToUnixTimeMilliseconds()}");
        return $"{text}.{Mac(text)}";
    }

    /// <summary>Whose token it is; false for one that is forged or over.</summary>
    public bool TryRead(string? token, out NodeId node)
    {
        node = default;
        if (token is not { Length: > 0 and <= LongestToken } || token.Split('.') is not [var id, var expiry, var mac])
            return false;
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(mac), Encoding.UTF8.GetBytes(Mac($"{id}.{expiry}")))
            && long.TryParse(expiry, NumberStyles.None, CultureInfo.InvariantCulture, out long until)
            && until > time.GetUtcNow().ToUnixTimeMilliseconds()
            && NodeId.TryParse(id, out node);
    }

    /// <summary>Whose token a header <c>authorization: Bearer …</c> holds.</summary>
    public bool TryReadHeader(string? header, out NodeId node)
    {
        const string Scheme = "Bearer ";
        node = default;
        return header is not null && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && TryRead(header[Scheme.Length..], out node);
    }

    private string Mac(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
}
