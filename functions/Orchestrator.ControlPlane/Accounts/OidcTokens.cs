using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Orchestrator.ControlPlane.Accounts;

/// <summary>Checks bearer tokens of the configured issuer by the keys it publishes.</summary>
public sealed partial class OidcTokens : IDisposable
{
    private const int MaxTokenLength = 16 * 1024;

    // Discovery and keys together: callers without known keys wait so long.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Asymmetric signatures only: with HMAC a published key would be a secret.
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256,
        SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512, SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384,
        SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly OidcOptions options;
    private readonly TimeProvider time;
    private readonly ILogger<OidcTokens> log;
    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxTokenLength };
    private readonly Lock gate = new();
    private readonly HttpClient? http;
    private readonly HttpDocumentRetriever? documents;
    private volatile OpenIdConnectConfiguration? known;
    private Task reading = Task.CompletedTask;
    private long? triedAt;

    /// <param name="options">The control plane's.</param>
    /// <param name="time">The clock that tokens expire by.</param>
    /// <param name="log">Where refusals are explained; callers are told little.</param>
    public OidcTokens(ControlPlaneOptions options, TimeProvider time, ILogger<OidcTokens> log)
    {
        this.options = options.Oidc;
        this.time = time;
        this.log = log;
        if (this.options.Issuer.Length == 0)
            return;
        http = new HttpClient { Timeout = Patience, MaxResponseContentBufferSize = 1 << 20 };
        documents = new HttpDocumentRetriever(http) { RequireHttps = !this.options.AllowHttp };
    }

    /// <summary>Whether this bearer value is for us to look at: it has the shape of a signed token, and there is an issuer.</summary>
    public bool Takes(string bearer) => documents is not null && bearer.Length <= MaxTokenLength && bearer.StartsWith("ey", StringComparison.Ordinal) && bearer.Count(c => c == '.') == 2;

    /// <summary>Whose token this is; null when it is not valid here.</summary>
    public async Task<Caller?> FindAsync(string bearer, CancellationToken cancel)
    {
        var result = await ValidateAsync(bearer, refresh: false, cancel);
        if (!result.IsValid)
            result = await ValidateAsync(bearer, refresh: true, cancel);
        if (!result.IsValid)
        {
            Refused(log, result.Exception);
            return null;
        }

        var token = (JsonWebToken)result.SecurityToken;
        if (!token.TryGetClaim(options.AccountClaim, out var account) || !AccountName().IsMatch(account.Value) || Actors.ActorNames.IsReserved(account.Value))
        {
            NoAccount(log, options.AccountClaim);
            return null;
        }

        bool admin = token.Claims.Any(c => c.Type == options.RoleClaim && c.Value == options.AdminRole);
        return new Caller(account.Value, admin ? Role.Admin : Role.User);
    }

    /// <inheritdoc />
    public void Dispose() => http?.Dispose();

    private async Task<TokenValidationResult> ValidateAsync(string bearer, bool refresh, CancellationToken cancel)
    {
        var configuration = await ConfigurationAsync(refresh, cancel);
        return await handler.ValidateTokenAsync(bearer, new TokenValidationParameters
        {
            ValidIssuer = options.Issuer,
            ValidAudience = options.Audience,
            IssuerSigningKeys = configuration.SigningKeys,
            ValidAlgorithms = Algorithms,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            TryAllIssuerSigningKeys = false,
            LifetimeValidator = InTime,
        });
    }

    private bool InTime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return expires is { } end && now < end + options.ClockSkew && !(notBefore - options.ClockSkew > now);
    }

    /// <summary>
    /// The issuer's keys, read once and again when a token does not pass, but not tried more often than allowed. Callers at the same time share one read;
    /// keys that were good a moment ago serve on while the issuer cannot be reached.
    /// </summary>
    private async Task<OpenIdConnectConfiguration> ConfigurationAsync(bool refresh, CancellationToken cancel)
    {
        Task pending;
        lock (gate)
        {
            if (known is not null && !refresh)
                return known;
            if (reading.IsCompleted && (triedAt is not { } tried || time.GetElapsedTime(tried) >= options.KeyRefreshInterval))
            {
                triedAt = time.GetTimestamp();
                reading = ReadAsync();
            }

            pending = reading;
        }

        await pending.WaitAsync(cancel);
        return known ?? throw Http.ApiErrors.Unavailable("Tokens cannot be checked now, because their issuer does not answer. Try again, or use an API key.");
    }

    private async Task ReadAsync()
    {
        await Task.Yield();
        try
        {
            using var late = new CancellationTokenSource(Patience, time);
            var read = await OpenIdConnectConfigurationRetriever.GetAsync(options.Issuer.TrimEnd('/') + "/.well-known/openid-configuration", documents, late.Token);
            if (read.Issuer != options.Issuer)
                throw new InvalidOperationException($"The discovery document is of issuer '{read.Issuer}', not of '{options.Issuer}': set Oidc.Issuer to exactly what it says.");
            known = read;
        }
#pragma warning disable CA1031 // Whoever waits for the keys is told by their absence.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Unreadable(log, e);
        }
    }

    [GeneratedRegex(@"\A[a-z0-9-]{1,63}\z")]
    private static partial Regex AccountName();

    [LoggerMessage(EventId = 55, Level = LogLevel.Information, Message = "A bearer token was refused")]
    private static partial void Refused(ILogger log, Exception? reason);

    [LoggerMessage(EventId = 81, Level = LogLevel.Information, Message = "A bearer token was refused: its claim {Claim} names no account")]
    private static partial void NoAccount(ILogger log, string claim);

    [LoggerMessage(EventId = 80, Level = LogLevel.Warning, Message = "The token issuer's keys could not be read")]
    private static partial void Unreadable(ILogger log, Exception exception);
}
