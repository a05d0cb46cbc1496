namespace Orchestrator.Contracts.DataPlane;

/// <summary>What a frame asks or tells. The value is the wire value.</summary>
public enum FrameType : byte
{
    /// <summary>Edge to stages, passed down: open caches for an assigned session. No body.</summary>
    Open = 1,

    /// <summary>Last stage to edge: every stage is open. No body.</summary>
    Opened = 2,

    /// <summary>Down the chain: one pass. Tokens (when a later stage reads them) and boundary tensors.</summary>
    Forward = 3,

    /// <summary>Last stage to edge: answer to one pass, in order per choice. Body: <see cref="DrawCodec"/>; token count 0 acknowledges a pass without draws.</summary>
    Drawn = 4,

    /// <summary>Down the chain: the session is over. Payload: UTF-8 JSON array of the signed receipts so far.</summary>
    Close = 5,

    /// <summary>Last stage to edge: all receipts, same payload as <see cref="Close"/>.</summary>
    Closed = 6,

    /// <summary>Stage to edge, or back up the link that brought an open for an unknown session. Payload: UTF-8 JSON of <see cref="ChainFailure"/>.</summary>
    Error = 7,

    /// <summary>Down the chain: free the session, no answer wanted. No body.</summary>
    Cancel = 8,

    /// <summary>Is the peer alive. Session zero, no body.</summary>
    Ping = 9,

    /// <summary>Answer to <see cref="Ping"/>.</summary>
    Pong = 10,

    /// <summary>Down the chain, past what waits: where are my passes. No body.</summary>
    Probe = 11,

    /// <summary>Each stage to the edge, answer to <see cref="Probe"/>, with the stage of the sender. Body: <see cref="ProgressCodec"/>.</summary>
    Progress = 12,
}
