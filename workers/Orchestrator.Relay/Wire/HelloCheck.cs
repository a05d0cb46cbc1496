using System.Security.Cryptography;
using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Relay.Wire;

/// <summary>What must hold of a hello.</summary>
internal static class HelloCheck
{
    /// <summary>Why a hello is refused; null when it holds.</summary>
    /// <param name="message">As it came.</param>
    /// <param name="challenge">What was sent on this connection.</param>
    /// <param name="relay">The relay's own certificate.</param>
    /// <param name="hello">What it says; meaningful only when it holds.</param>
    /// <param name="signer">Who signed it.</param>
    public static string? Problem(SignedMessage message, ReadOnlySpan<byte> challenge, Digest relay, out RelayHello hello, out NodeId signer)
    {
        signer = default;
        if (!MessageSigning.TryOpen(message, RelayHello.MessageType, RelayJson.Default.RelayHello, out hello, out string? error))
            return error;
        signer = MessageSigning.Signer(message);
        if (hello.SchemaVersion != RelayChallenge.CurrentSchema)
            return $"schema {hello.SchemaVersion} is not {RelayChallenge.CurrentSchema}";
        if (!CryptographicOperations.FixedTimeEquals(hello.Challenge, challenge))
            return "it answers another challenge";
        if (hello.Relay != relay)
            return "it is meant for a relay with another certificate";
        bool shaped = hello.Role switch
        {
            RelayRole.Register => hello is { Target: null, Port: null, Token: null },
            RelayRole.Dial => hello is { Target: not null, Port: RelayPort.Data or RelayPort.Stream, Token: null },
            RelayRole.Answer => hello is { Target: null, Port: null, Token.Length: RelayChallenge.Size },
            _ => false,
        };
        return shaped ? null : "its members do not fit its role";
    }
}
