using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Orchestrator.Contracts;

namespace Orchestrator.Gateway.Nodes;

/// <summary>
/// One TLS connection of somebody: the certificate it was shown and the challenge it holds. A challenge lives and dies with its connection, so
/// that strangers who ask for many cost nothing, and an answer cannot be carried to another. Who has not logged in for a while is put out.
/// </summary>
internal sealed class NodeConnection : IDisposable
{
    /// <summary>Logins on one connection; a node needs one, and one more for every token it renews.</summary>
    private const int MostLogins = 1000;

    private static readonly object Key = new();

    private readonly ITimer patience;
    private readonly TimeProvider time;
    private readonly TimeSpan limit;
    private Challenge? challenge;
    private int challenges;
    private volatile bool known;

    public NodeConnection(ConnectionContext context, TimeSpan limit, TimeProvider time)
    {
        (this.time, this.limit) = (time, limit);
        if (context.Features.Get<ISslStreamFeature>()?.SslStream.LocalCertificate is { } certificate)
            Certificate = Digest.Of(certificate.GetRawCertData());
        patience = time.CreateTimer(
            _ =>
            {
                if (!known)
                    context.Abort(new ConnectionAbortedException("It did not log in."));
            },
            null,
            limit,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>SHA-256 of the certificate this connection was shown.</summary>
    public Digest Certificate { get; }

    /// <summary>Connection middleware, behind TLS.</summary>
    public static async Task WatchAsync(ConnectionContext context, ConnectionDelegate next, TimeSpan limit, TimeProvider time)
    {
        using var connection = new NodeConnection(context, limit, time);
        context.Items[Key] = connection;
        await next(context);
    }

    /// <summary>The connection that a request came over.</summary>
    public static NodeConnection Of(HttpContext http) => (NodeConnection)http.Features.GetRequiredFeature<IConnectionItemsFeature>().Items[Key]!;

    /// <summary>A fresh challenge; it replaces the last. Null when this connection has had too many.</summary>
    public byte[]? NewChallenge()
    {
        if (Interlocked.Increment(ref challenges) > MostLogins)
            return null;
        var fresh = new Challenge(RandomNumberGenerator.GetBytes(GatewayLogin.NonceLength), time.GetUtcNow() + limit);
        Interlocked.Exchange(ref challenge, fresh);
        return fresh.Nonce;
    }

    /// <summary>Takes the challenge: whoever comes second gets none.</summary>
    public byte[]? TakeChallenge() =>
        Interlocked.Exchange(ref challenge, null) is { } taken && taken.Until > time.GetUtcNow() ? taken.Nonce : null;

    /// <summary>Somebody proved something here.</summary>
    public void Know() => known = true;

    public void Dispose() => patience.Dispose();

    private sealed record Challenge(byte[] Nonce, DateTimeOffset Until);
}
