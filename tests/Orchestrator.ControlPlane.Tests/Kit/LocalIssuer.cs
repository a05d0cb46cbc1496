using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Orchestrator.ControlPlane.Tests.Kit;

/// <summary>A token issuer on this machine: discovery and keys over HTTP, and tokens signed with whatever a test wants.</summary>
internal sealed class LocalIssuer : IAsyncDisposable
{
    private readonly WebApplication web;
    private List<RsaSecurityKey> published;
    private int asked;

    private LocalIssuer(WebApplication web) => (this.web, published) = (web, [NewKey()]);

    public string Url { get; private set; } = "";

    public RsaSecurityKey Key => published[^1];

    /// <summary>How often the keys were read.</summary>
    public int Reads { get; private set; }

    /// <summary>How often discovery was asked for, whatever the answer.</summary>
    public int Asked => asked;

    /// <summary>Discovery answers once this ends, with 503 when it gives true.</summary>
    public Task<bool> Ailing { get; set; } = Task.FromResult(false);

    public static async Task<LocalIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var issuer = new LocalIssuer(builder.Build());
        issuer.web.MapGet("/.well-known/openid-configuration", async (HttpContext http) =>
        {
            Interlocked.Increment(ref issuer.asked);
            return await issuer.Ailing.WaitAsync(http.RequestAborted)
                ? Results.StatusCode(503)
                : Results.Json(new { issuer = issuer.Url, jwks_uri = issuer.Url + "/keys" });
        });
        issuer.web.MapGet("/keys", () =>
        {
            issuer.Reads++;
            return Results.Json(new
            {
                keys = issuer.published.Select(k => k.Rsa.ExportParameters(false)).Zip(issuer.published, (p, k) => new
                {
                    kty = "RSA",
                    use = "sig",
                    alg = "RS256",
                    kid = k.KeyId,
                    n = Base64UrlEncoder.Encode(p.Modulus),
                    e = Base64UrlEncoder.Encode(p.Exponent),
                }),
            });
        });
        await issuer.web.StartAsync();
        issuer.Url = issuer.web.Urls.Single();
        return issuer;
    }

    public static RsaSecurityKey NewKey() => new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("n") };

    /// <summary>Publishes a new key only.</summary>
    public void Rotate() => published = [NewKey()];

    public string Token(
        DateTimeOffset now, string? issuer = null, string audience = "orchestrator", TimeSpan? lifetime = null, SecurityKey? key = null, string? account = "user",
        string[]? roles = null)
    {
        var claims = new Dictionary<string, object>();
        if (account is not null)
            claims["orchestrator_account"] = account;
        if (roles is not null)
            claims["roles"] = roles;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? Url,
            Audience = audience,
            IssuedAt = now.UtcDateTime.AddHours(-1),
            Expires = now.UtcDateTime + (lifetime ?? TimeSpan.FromMinutes(10)),
            Claims = claims,
            SigningCredentials = new SigningCredentials(key ?? Key, SecurityAlgorithms.RsaSha256),
        });
    }

    public async ValueTask DisposeAsync()
    {
        await web.StopAsync();
        await web.DisposeAsync();
    }
}
