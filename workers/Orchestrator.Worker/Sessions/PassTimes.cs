namespace Orchestrator.Worker.Sessions;

/// <summary>When one pass went through one stage; readings of the machine's monotonic clock, so that processes on one machine can be compared.</summary>
/// <param name="Choice">The completion.</param>
/// <param name="Position">Absolute position of its first token.</param>
/// <param name="Tokens">Its tokens.</param>
/// <param name="Received">Its frame was there.</param>
/// <param name="Started">The executor took it up.</param>
/// <param name="Ran">The runtime was done.</param>
/// <param name="Sent">What it put out, drawn tokens on the last stage, was handed to the link.</param>
/// <param name="Committed">It was committed to.</param>
public readonly record struct PassTimes(int Choice, int Position, int Tokens, long Received, long Started, long Ran, long Sent, long Committed);
