using Orchestrator.Contracts.DataPlane;

namespace Orchestrator.Worker.Links;

/// <summary>Where frames from peers go. Calls come from the links' read loops and must not block.</summary>
public interface ILinkReceiver
{
    /// <summary>Takes over one frame. <paramref name="from"/> is null for frames that never left this node.</summary>
    void Receive(Frame frame, PeerConnection? from);

    /// <summary>Most bytes the frame may have; asked before its body is read.</summary>
    int Limit(FrameHeader header, PeerConnection from);

    /// <summary>The link is gone; every session that used it is over.</summary>
    void Broken(PeerConnection link, string reason);
}
