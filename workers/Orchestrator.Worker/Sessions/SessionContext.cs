using Orchestrator.Contracts;
using Orchestrator.Verification;
using Orchestrator.Worker.Timings;

namespace Orchestrator.Worker.Sessions;

/// <summary>What sessions need of the node around them.</summary>
/// <param name="Key">Signs receipts.</param>
/// <param name="Router">The links.</param>
/// <param name="Time">The clock.</param>
/// <param name="Log">Says what failed.</param>
/// <param name="Timings">Takes how long passes took.</param>
/// <param name="Passes">Takes the same as files; null for none.</param>
/// <param name="AroundCommitter">Put around what every choice is committed with; null leaves it as it is.</param>
/// <param name="Terms">What tokens are drawn by, of what the assignment says; null for just that.</param>
public sealed record SessionContext(
    SigningKey Key, FrameRouter Router, TimeProvider Time, ILogger Log, TimingStore Timings, PassLog? Passes = null,
    Func<IPassCommitter, IPassCommitter>? AroundCommitter = null, Func<SamplingParameters, SamplingParameters>? Terms = null);
