namespace Orchestrator.Contracts;

/// <summary>A relay through which a node can be reached that cannot be dialled.</summary>
/// <param name="Endpoint"><c>host:port</c> of the relay.</param>
/// <param name="Certificate">SHA-256 of the DER certificate the relay presents; null leaves it to the authorities that the dialling system trusts.</param>
public sealed record RelayEndpoint(string Endpoint, Digest? Certificate = null)
{
    // RFC 6761: never resolves, so a reader that knows nothing of relays fails at once instead of dialling a stranger.
    private const string Unreachable = ".relay.invalid";

    /// <summary>What a node that listens nowhere gives as its stream endpoint.</summary>
    public static Uri HiddenStream(NodeId node) => new($"https://{node}{Unreachable}");

    /// <summary>Whether a stream endpoint can only be reached through a relay.</summary>
    public static bool IsHidden(Uri stream) => stream.Host.EndsWith(Unreachable, StringComparison.OrdinalIgnoreCase);
}
