namespace Orchestrator.Contracts;

/// <summary>
/// One line (JSON, UTF-8, LF) of the edge's stream <c>GET {stream endpoint}/sessions/{session}/stream?from={sequence}</c> with
/// <c>Authorization: Bearer</c>. The edge keeps all events of a session until it expires, so a reader that lost its connection resumes at any sequence.
/// </summary>
/// <param name="Sequence">0-based, without gaps.</param>
/// <param name="Choice">Which completion.</param>
/// <param name="Draw">The token drawn; null on the last event of a choice and on a failure.</param>
/// <param name="Text">Text that became certain with this event (whole UTF-8 sequences, nothing that may be part of a stop sequence); may be empty.</param>
/// <param name="FinishReason">Set on the last event of a choice.</param>
/// <param name="Failure">Set on the last event of a failed session.</param>
/// <param name="Last">True on the last event of the session.</param>
public sealed record StreamEvent(
    long Sequence,
    int Choice,
    TokenDraw? Draw,
    string Text,
    FinishReason? FinishReason,
    ChainFailure? Failure,
    bool Last);
