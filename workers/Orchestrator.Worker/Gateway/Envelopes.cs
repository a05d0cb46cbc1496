using Google.Protobuf;
using Orchestrator.Contracts;

namespace Orchestrator.NodeProtocol;

/// <summary>Signed messages as the protocol carries them; nodes and the gateway compile this file, as they do the protocol.</summary>
internal static class Envelopes
{
    public static Envelope Of(SignedMessage message) => new()
    {
        Type = message.Type,
        Payload = UnsafeByteOperations.UnsafeWrap(message.Payload),
        Key = UnsafeByteOperations.UnsafeWrap(message.Key),
        Signature = UnsafeByteOperations.UnsafeWrap(message.Signature),
    };

    /// <summary>The message; members that were not sent are empty, which no check accepts.</summary>
    public static SignedMessage Read(Envelope? envelope) => envelope is null
        ? new SignedMessage("", [], [], [])
        : new SignedMessage(envelope.Type, envelope.Payload.ToByteArray(), envelope.Key.ToByteArray(), envelope.Signature.ToByteArray());
}
