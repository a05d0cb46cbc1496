using Orchestrator.Contracts;

namespace Orchestrator.Core.Nodes;

/// <summary>How the platform's attempts to get through to a node's stream endpoint went.</summary>
/// <param name="At">When the last one ended.</param>
/// <param name="ReachedAt">When one last succeeded; null when none did.</param>
/// <param name="Missed">Attempts in a row that have failed since, 0 or more.</param>
public sealed record NodeReach(DateTimeOffset At, DateTimeOffset? ReachedAt, int Missed);

/// <summary>One attempt to get through to a node.</summary>
/// <param name="Endpoint">Stream endpoint that was dialled.</param>
/// <param name="Certificate">Digest of the certificate it had to show.</param>
/// <param name="At">When the attempt ended.</param>
/// <param name="Reached">Somebody with that certificate answered.</param>
public sealed record NodeDial(Uri Endpoint, Digest Certificate, DateTimeOffset At, bool Reached);
