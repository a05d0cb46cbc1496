using Orchestrator.Contracts;
using Orchestrator.Contracts.DataPlane;
using Orchestrator.Worker.Identity;
using Orchestrator.Worker.Links;

namespace Orchestrator.Worker.Sessions;

/// <summary>Sends frames to a hop: over a link, or straight to this node's own sessions.</summary>
public sealed class FrameRouter(NodeCertificate certificate, ILinkReceiver receiver, OutgoingLinks links)
{
    /// <summary>Whether a hop is this node.</summary>
    public bool IsHere(Hop hop) => hop.CertificateDigest == certificate.Digest;

    /// <summary>The link to a hop; null when the hop is this node.</summary>
    public PeerConnection? LinkTo(Hop hop) => IsHere(hop) ? null : links.To(hop);

    /// <summary>Sends a frame and takes it over; false when the link is broken.</summary>
    /// <param name="link">From <see cref="LinkTo"/>.</param>
    /// <param name="frame">The frame.</param>
    public bool TrySend(PeerConnection? link, FrameBuffer frame)
    {
        if (link is not null)
            return link.TrySend(frame);
        if (!Frame.TryDecode(frame, out var decoded, out string? error))
            throw new InvalidDataException($"A frame of our own does not decode: {error}.");
        receiver.Receive(decoded, null);
        return true;
    }
}
