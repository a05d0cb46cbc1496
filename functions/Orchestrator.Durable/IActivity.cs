namespace Orchestrator.Durable;

/// <summary>
/// One step with effects. It runs <b>at least once</b>: after a crash, or when a message is duplicated, the same call comes again with the
/// same <see cref="ActivityContext.IdempotencyKey"/>, and effects must be deduplicated by that key.
/// </summary>
public interface IActivity<in TInput, TOutput>
{
    Task<TOutput> RunAsync(ActivityContext context, TInput input);
}
