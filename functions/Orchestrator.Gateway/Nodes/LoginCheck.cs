using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Gateway.Nodes;

/// <summary>Whether a signed login answers this connection's challenge at this gateway.</summary>
internal sealed class LoginCheck(IReadOnlyList<string> names, Func<X509Certificate2> certificate, TimeSpan skew, TimeProvider time)
{
    /// <summary>The node that logged in; else why not, with the fix.</summary>
    /// <param name="message">What came in.</param>
    /// <param name="nonce">The challenge taken from the connection; null when there was none.</param>
    /// <param name="shown">Digest of the certificate the connection was shown.</param>
    /// <param name="node">Who it is; default when refused.</param>
    public string? Refuse(SignedMessage message, byte[]? nonce, Digest shown, out NodeId node)
    {
        node = default;
        if (nonce is null)
            return "there is no open challenge on this connection: ask for one; each is good for one login within a few seconds";
        if (!MessageSigning.TryOpen(message, MessageTypes.GatewayLogin, ContractsJson.Default.GatewayLogin, out var login, out string? error))
            return error;
        if (login.SchemaVersion != GatewayLogin.CurrentSchema)
            return $"the login has schema {login.SchemaVersion}, this gateway reads {GatewayLogin.CurrentSchema}: update the older of the two";
        if (MessageSigning.Signer(message) != login.Node)
            return "the login names another node than the key that signed it";
        if (!CryptographicOperations.FixedTimeEquals(login.Nonce, nonce))
            return "the login answers another challenge: log in anew on this connection";
        if (login.Certificate != shown)
            return $"the node was shown certificate {login.Certificate.Short}, this gateway shows {shown.Short}: something between them ends TLS; pass it through to the gateway";
        if (!IsOurs(login.Audience))
            return "the login is for another gateway: dial a name in this gateway's certificate, or add the name to Gateway:Names";
        var off = (login.At - time.GetUtcNow()).Duration();
        if (off > skew)
            return $"the node's clock is off by {off.TotalSeconds:0} s, at most {skew.TotalSeconds:0} s are allowed: set it by NTP";
        node = login.Node;
        return null;
    }

    private bool IsOurs(string audience)
    {
        if (audience.Length is 0 or > GatewayLogin.LongestAudience)
            return false;
        if (names.Contains(audience, StringComparer.OrdinalIgnoreCase))
            return true;
        try
        {
            return Uri.CheckHostName(audience) != UriHostNameType.Unknown && certificate().MatchesHostname(audience, allowCommonName: false);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return false;
        }
    }
}
