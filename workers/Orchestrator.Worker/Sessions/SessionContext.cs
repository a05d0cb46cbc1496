using Orchestrator.Verification;
using Orchestrator.Worker.Timings;

namespace Orchestrator.Worker.Sessions;

/// <summary>What sessions need of the node around them.</summary>
public sealed record SessionContext(
    SigningKey Key, FrameRouter Router, TimeProvider Time, ILogger Log, TimingStore Timings, PassLog? Passes = null, Func<IPassCommitter, IPassCommitter>? AroundCommitter = null);
