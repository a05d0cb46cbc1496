using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Orchestrator.Contracts;

namespace Orchestrator.Worker.Gateway;

/// <summary>Which gateways a node may dial, and by what it knows them.</summary>
/// <param name="Addresses">Tried in turn.</param>
/// <param name="Pins">SHA-256 of certificates that are trusted, whoever issued them; when empty, the system's roots decide.</param>
public sealed record GatewayTarget(IReadOnlyList<Uri> Addresses, IReadOnlyList<Digest> Pins)
{
    private static readonly char[] Separators = [',', ' '];

    /// <summary>Reads both lists, whose parts are separated by commas or blanks.</summary>
    /// <param name="option">The option that holds the addresses, for errors.</param>
    /// <param name="addresses"><c>https://host:port</c>, one or more.</param>
    /// <param name="pins">64 hex digits each, none or more.</param>
    /// <param name="target">What they say; null when false.</param>
    /// <param name="error">What is wrong and how to fix it; null when true.</param>
    public static bool TryParse(string option, string addresses, string? pins, out GatewayTarget? target, out string? error)
    {
        target = null;
        var uris = new List<Uri>();
        foreach (string part in addresses.Split(Separators, StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Uri.TryCreate(part, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps || uri.PathAndQuery != "/" || uri.UserInfo.Length > 0)
            {
                error = $"{option} '{part}' must be https://host:port without a path.";
                return false;
            }

            uris.Add(uri);
        }

        var digests = new List<Digest>();
        foreach (string part in (pins ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Digest.TryParse(part.ToLowerInvariant(), out var digest))
            {
                error = $"Worker:GatewayCertificate '{part}' must be 64 hex digits, the SHA-256 of the gateway's certificate: its ready line tells it.";
                return false;
            }

            digests.Add(digest);
        }

        error = uris.Count == 0 ? $"{option} holds no address: set it to https://host:port." : null;
        if (error is null)
            target = new GatewayTarget(uris, digests);
        return error is null;
    }

    /// <summary>
    /// The same in an order of the node's own, by rendezvous hashing: nodes spread over the gateways, those of one that is gone over all the others, and a list
    /// that grows or shrinks moves few.
    /// </summary>
    public GatewayTarget InOrderOf(NodeId node) =>
        this with { Addresses = [.. Addresses.OrderBy(address => Digest.Of(Encoding.UTF8.GetBytes($"{node} {address.Authority}")).Value, StringComparer.Ordinal)] };

    /// <summary>Whether to speak to whoever showed this certificate.</summary>
    public bool Trusts(X509Certificate? shown, SslPolicyErrors problems) => shown is not null
        && (Pins.Count == 0 ? problems == SslPolicyErrors.None : Pins.Contains(Digest.Of(shown.GetRawCertData())));
}
