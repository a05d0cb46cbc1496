namespace Orchestrator.Durable;

/// <summary>
/// A durable workflow. Its code runs again from the start whenever it is replayed, so it must decide only from its input and from what
/// its context returns: no clock, randomness, ids, I/O, or awaits of tasks the context did not hand out.
/// </summary>
/// <typeparam name="TInput">Input, carried as JSON.</typeparam>
/// <typeparam name="TOutput">Output, carried as JSON.</typeparam>
public interface IWorkflow<in TInput, TOutput>
{
    Task<TOutput> RunAsync(IWorkflowContext context, TInput input);
}
