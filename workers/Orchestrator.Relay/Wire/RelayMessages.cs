using System.Text.Json.Serialization;
using Orchestrator.Contracts;

namespace Orchestrator.Relay.Wire;

/// <summary>What the relay says first: bytes that nobody has signed yet.</summary>
/// <param name="SchemaVersion">Version of the protocol.</param>
/// <param name="Challenge">32 fresh bytes.</param>
public sealed record RelayChallenge(int SchemaVersion, byte[] Challenge)
{
    /// <summary>The version this build speaks.</summary>
    public const int CurrentSchema = 1;

    /// <summary>Length of a challenge and of a token, in bytes.</summary>
    public const int Size = 32;
}

/// <summary>Who connects and what for; signed with the key of a node or of the platform.</summary>
/// <param name="SchemaVersion">Version of this message.</param>
/// <param name="Challenge">The relay's: a hello is good for one connection.</param>
/// <param name="Relay">SHA-256 of the certificate the signer saw: a hello is good for one relay, whoever passes it on.</param>
/// <param name="Role">What for.</param>
/// <param name="Target">The node to be reached; only for <see cref="RelayRole.Dial"/>.</param>
/// <param name="Port">Which of its doors; only for <see cref="RelayRole.Dial"/>.</param>
/// <param name="Token">From the relay's notice; only for <see cref="RelayRole.Answer"/>.</param>
public sealed record RelayHello(int SchemaVersion, byte[] Challenge, Digest Relay, RelayRole Role, NodeId? Target = null, RelayPort? Port = null, byte[]? Token = null)
{
    /// <summary>Type of the signed message.</summary>
    public const string MessageType = "relay-hello/1";
}

/// <summary>The relay's answer to a hello. After <see cref="RelayCode.Accepted"/> a dialled or answered connection carries nothing but the ends' bytes.</summary>
/// <param name="Code">Accepted, or why not.</param>
/// <param name="Message">For people.</param>
public sealed record RelayReply(RelayCode Code, string? Message = null);

/// <summary>On a registered node's connection: the relay's pings and calls, and the node's answers to pings.</summary>
/// <param name="Token">Of the call, to be shown once by the node that answers it; null makes this a ping.</param>
/// <param name="Port">The door that was asked for.</param>
/// <param name="From">Who dials, as the relay says; only the inner TLS proves it.</param>
public sealed record RelayNotice(byte[]? Token = null, RelayPort? Port = null, NodeId? From = null);

/// <summary>What a connection is for.</summary>
public enum RelayRole
{
    /// <summary>Be reachable: the connection stays and brings calls.</summary>
    Register,

    /// <summary>Reach a node.</summary>
    Dial,

    /// <summary>Take a call.</summary>
    Answer,
}

/// <summary>A node's doors. A relay reaches these and no other.</summary>
public enum RelayPort
{
    /// <summary>Framed TLS of the data plane.</summary>
    Data,

    /// <summary>HTTPS of the stream API.</summary>
    Stream,
}

/// <summary>How the relay answers.</summary>
public enum RelayCode
{
    /// <summary>As asked.</summary>
    Accepted,

    /// <summary>The hello does not hold.</summary>
    Refused,

    /// <summary>This identity may not do that here.</summary>
    Forbidden,

    /// <summary>No such node is connected.</summary>
    Unknown,

    /// <summary>A limit is reached; later it may be accepted.</summary>
    Busy,

    /// <summary>The node did not take the call in time, or the token is not valid any more.</summary>
    Expired,
}

/// <summary>JSON of the relay's messages.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RelayChallenge))]
[JsonSerializable(typeof(RelayHello))]
[JsonSerializable(typeof(RelayReply))]
[JsonSerializable(typeof(RelayNotice))]
[JsonSerializable(typeof(SignedMessage))]
internal sealed partial class RelayJson : JsonSerializerContext;
