namespace Orchestrator.ControlPlane.Accounts;

/// <summary>Bearer tokens of an OpenID Connect issuer, beside the API keys.</summary>
public sealed record OidcOptions
{
    /// <summary>Issuer URL; its <c>/.well-known/openid-configuration</c> is read. Default empty: API keys only.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>What tokens must be meant for (<c>aud</c>). Required with an issuer.</summary>
    public string Audience { get; init; } = "";

    /// <summary>Claim whose value names the account that pays, 1 to 63 of <c>[a-z0-9-]</c>. Default <c>orchestrator_account</c>.</summary>
    public string AccountClaim { get; init; } = "orchestrator_account";

    /// <summary>Claim that lists what the caller may do. Default <c>roles</c>.</summary>
    public string RoleClaim { get; init; } = "roles";

    /// <summary>Value of <see cref="RoleClaim"/> that makes an admin; everybody else is a user. Default <c>orchestrator-admin</c>.</summary>
    public string AdminRole { get; init; } = "orchestrator-admin";

    /// <summary>Accepts an issuer over plain HTTP. Default false: for tests on one machine only.</summary>
    public bool AllowHttp { get; init; }

    /// <summary>Clock difference tolerated. Default 1 min.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Least time between two readings of the keys because a token did not pass, as one by a new key does. Default 30 s: anybody can send such tokens.</summary>
    public TimeSpan KeyRefreshInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Says what is wrong.</summary>
    public void Check(ICollection<string> problems)
    {
        if (Issuer.Length == 0)
            return;
        if (!Uri.TryCreate(Issuer, UriKind.Absolute, out var issuer) || (issuer.Scheme != Uri.UriSchemeHttps && !(AllowHttp && issuer.Scheme == Uri.UriSchemeHttp)))
            problems.Add("Oidc.Issuer must be an https URL.");
        if (Audience.Length == 0)
            problems.Add("Oidc.Audience must name the audience of this API: without it any token of the issuer would open it.");
        if (AccountClaim.Length == 0 || RoleClaim.Length == 0 || AdminRole.Length == 0)
            problems.Add("Oidc.AccountClaim, Oidc.RoleClaim and Oidc.AdminRole must not be empty.");
        if (ClockSkew < TimeSpan.Zero || ClockSkew > TimeSpan.FromMinutes(5))
            problems.Add("Oidc.ClockSkew must be 0 to 5 minutes.");
        if (KeyRefreshInterval <= TimeSpan.Zero)
            problems.Add("Oidc.KeyRefreshInterval must be above 0.");
    }
}
