namespace Orchestrator.Sidecar.Actors;

/// <param name="Headers">Headers for the caller: Content-Type and those that start with X-Dapr.</param>
internal sealed record ActorReply(byte[] Body, IReadOnlyList<KeyValuePair<string, string>> Headers);

/// <param name="Headers">Headers for the actor, reentrancy id excluded.</param>
/// <param name="ReentrancyId">null when the caller is not itself in a turn.</param>
internal sealed record ActorCall(string Method, byte[] Body, string ContentType, IReadOnlyList<KeyValuePair<string, string>> Headers, string? ReentrancyId);
