using System.Diagnostics.CodeAnalysis;
using System.Web;
using Orchestrator.Contracts;

namespace Orchestrator.Local;

/// <summary>
/// All that a worker on another machine has to know of a network, in one line: where the gateway is, and whom to believe. It holds no secret; who should not
/// join is kept out by stake and by who can reach the gateway.
/// </summary>
/// <param name="Gateway">What the worker dials, <c>https://host:port/</c>.</param>
/// <param name="Certificate">SHA-256 of the gateway's certificate, and of the relay's, which is the same.</param>
/// <param name="PlatformKey">The platform's Ed25519 public key, 64 hex digits.</param>
/// <param name="Relay">The relay, <c>host:port</c>; null without one.</param>
public sealed record JoinTicket(Uri Gateway, Digest Certificate, string PlatformKey, string? Relay)
{
    private const int MostCharacters = 1024;

    /// <summary>The line that <see cref="TryParse"/> reads.</summary>
    public override string ToString() =>
        $"{Gateway.GetLeftPart(UriPartial.Authority)}/?certificate={Certificate.Value}&platform={PlatformKey}" + (Relay is null ? "" : $"&relay={Relay}");

    /// <summary>Reads a ticket; everything but its own form is refused.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out JoinTicket? ticket)
    {
        ticket = null;
        if (text is not { Length: > 0 and <= MostCharacters } || !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps || uri.UserInfo.Length > 0)
            return false;
        var query = HttpUtility.ParseQueryString(uri.Query);
        string platform = query["platform"] ?? "";
        if (!Digest.TryParse(query["certificate"], out var certificate) || platform.Length != 64 || !platform.All(char.IsAsciiHexDigitLower))
            return false;
        ticket = new JoinTicket(new Uri(uri.GetLeftPart(UriPartial.Authority)), certificate, platform, query["relay"]);
        return ticket.ToString() == text;
    }
}
