using Orchestrator.Verification;

namespace Orchestrator.Worker.Sessions;

/// <summary>What sessions need of the node around them.</summary>
public sealed record SessionContext(SigningKey Key, FrameRouter Router, TimeProvider Time, ILogger Log, PassLog? Passes = null);
