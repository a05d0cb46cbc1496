using System.Net;

namespace Orchestrator.ControlPlane.Webhooks;

/// <summary>Which URLs and addresses events may be sent to.</summary>
public sealed class WebhookTargets
{
    private const int MaxLength = 2048;

    private readonly bool allowHttp;
    private readonly IPNetwork[] allowed;

    /// <summary>Reads the options.</summary>
    /// <exception cref="FormatException">A network is not in CIDR notation.</exception>
    public WebhookTargets(ControlPlaneOptions options)
    {
        allowHttp = options.Webhooks.AllowHttp;
        allowed = [.. options.Webhooks.AllowedNetworks.Select(n => IPNetwork.Parse(n))];
    }

    /// <summary>Why a URL is refused; null when it is not. A host name may still resolve to an address that is, when the event is sent.</summary>
    public string? Problem(string? text)
    {
        if (text is not { Length: > 0 and <= MaxLength } || !Uri.TryCreate(text, UriKind.Absolute, out var url))
            return $"must be an absolute URL of at most {MaxLength} characters";
        if (url.Scheme != Uri.UriSchemeHttps && !(allowHttp && url.Scheme == Uri.UriSchemeHttp))
            return "must be an https URL";
        if (url.UserInfo.Length > 0)
            return "must not carry a user name or password";
        if (url.Fragment.Length > 0)
            return "must not have a fragment";
        return IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && !MayReach(address) ? "must lead to a public address" : null;
    }

    /// <summary>Whether an address may be connected to.</summary>
    public bool MayReach(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return PublicAddresses.Contain(plain) || allowed.Any(n => n.Contains(plain));
    }
}
