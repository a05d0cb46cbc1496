using Google.Protobuf;
using Orchestrator.Contracts;
using Orchestrator.NodeProtocol;

namespace Orchestrator.Worker.Gateway;

/// <summary>Signed messages as the protocol carries them.</summary>
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
