using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Contracts;
using Orchestrator.Relay.Wire;
using Orchestrator.Verification;

namespace Orchestrator.Relay.Client;

/// <summary>
/// Connects to relays under one key. What a relay passes on is not to be trusted: an inner TLS with the peer's pinned certificate must follow, before a
/// byte that matters.
/// </summary>
public sealed class RelayDialer(SigningKey key)
{
    /// <summary>Reaches a node's door.</summary>
    /// <exception cref="RelayRefusedException">The relay refused; its code says whether another try makes sense.</exception>
    /// <exception cref="IOException">The relay cannot be reached, or broke off.</exception>
    /// <exception cref="AuthenticationException">Its certificate is not the one expected.</exception>
    /// <exception cref="InvalidDataException">It does not speak the protocol, or the endpoint is not <c>host:port</c>.</exception>
    public Task<RelayLink> DialAsync(RelayEndpoint relay, NodeId target, RelayPort port, CancellationToken cancel) =>
        OpenAsync(relay, (challenge, seen) => new RelayHello(RelayChallenge.CurrentSchema, challenge, seen, RelayRole.Dial, target, port), cancel);

    /// <summary>Takes a call; throws as <see cref="DialAsync"/>.</summary>
    internal Task<RelayLink> AnswerAsync(RelayEndpoint relay, byte[] token, CancellationToken cancel) =>
        OpenAsync(relay, (challenge, seen) => new RelayHello(RelayChallenge.CurrentSchema, challenge, seen, RelayRole.Answer, Token: token), cancel);

    /// <summary>Becomes reachable; throws as <see cref="DialAsync"/>.</summary>
    internal Task<RelayLink> RegisterAsync(RelayEndpoint relay, CancellationToken cancel) =>
        OpenAsync(relay, (challenge, seen) => new RelayHello(RelayChallenge.CurrentSchema, challenge, seen, RelayRole.Register), cancel);

    private async Task<RelayLink> OpenAsync(RelayEndpoint relay, Func<byte[], Digest, RelayHello> hello, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            var address = RelayLink.Parse(relay.Endpoint);
            await socket.ConnectAsync(address, cancel);
            var tls = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
            try
            {
                await tls.AuthenticateAsClientAsync(Options(relay, address), cancel);
                var seen = Digest.Of(tls.RemoteCertificate!.GetRawCertData());
                var challenge = await RelayFrames.ReadAsync(tls, RelayJson.Default.RelayChallenge, cancel);
                if (challenge is not { SchemaVersion: RelayChallenge.CurrentSchema, Challenge.Length: RelayChallenge.Size })
                    throw new InvalidDataException($"The relay at {relay.Endpoint} speaks another version of the protocol.");
                var signed = MessageSigning.Seal(RelayHello.MessageType, hello(challenge.Challenge, seen), RelayJson.Default.RelayHello, key);
                await RelayFrames.WriteAsync(tls, signed, RelayJson.Default.SignedMessage, cancel);
                var reply = await RelayFrames.ReadAsync(tls, RelayJson.Default.RelayReply, cancel);
                return reply.Code == RelayCode.Accepted ? new RelayLink(new RelayStream(tls), socket) : throw new RelayRefusedException(reply.Code, reply.Message ?? "no reason given");
            }
            catch
            {
                await tls.DisposeAsync();
                throw;
            }
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is SocketException)
                throw new IOException($"The relay at {relay.Endpoint} cannot be reached: {e.Message}", e);
            throw;
        }
    }

    private static SslClientAuthenticationOptions Options(RelayEndpoint relay, EndPoint address) => new()
    {
        TargetHost = address switch { DnsEndPoint name => name.Host, IPEndPoint ip => ip.Address.ToString(), _ => "relay" },
        EnabledSslProtocols = SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, presented, _, errors) =>
            presented is not null && (relay.Certificate is { } pinned ? Digest.Of(presented.GetRawCertData()) == pinned : errors == SslPolicyErrors.None),
    };
}
