namespace Orchestrator.Durable;

/// <summary>What an activity knows about its call.</summary>
/// <param name="InstanceId">The workflow instance that made the call.</param>
/// <param name="Name">The activity's registered name.</param>
/// <param name="IdempotencyKey">
/// <c>instance/execution/sequence</c> of the call. Redeliveries and retries of one call share it; no other call ever has it.
/// </param>
/// <param name="Attempt">1 for the first try, then one more for each retry by policy. Redelivery does not raise it.</param>
/// <param name="CancellationToken">Cancelled when the engine stops; the activity is then delivered again at the next start.</param>
public sealed record ActivityContext(string InstanceId, string Name, string IdempotencyKey, int Attempt, CancellationToken CancellationToken);
