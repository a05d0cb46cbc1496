using Orchestrator.Durable.History;
using Orchestrator.Durable.Journal;

namespace Orchestrator.Durable.Engine;

/// <summary>
/// Runs activities. Each one's row stays in the journal until the turn that takes in its result commits, so that whatever happens in
/// between, it is delivered again to the next owner.
/// </summary>
sealed class ActivityDispatcher(
    EngineParts parts, Action<string, Envelope> post, Action<CrashPoint> mayCrash, CancellationToken stopping) : IDisposable
{
    readonly SemaphoreSlim _slots = new(parts.Options.MaxConcurrentActivities);
    readonly WorkCounter _running = new();

    public void Dispatch(ActivityRow activity)
    {
        for (var copies = parts.Faults.Copies(); copies > 0; copies--)
        {
            if (_running.TryEnter())
            {
                _ = Task.Run(() => RunAsync(activity));
            }
        }
    }

    /// <summary>Completes when no activity runs; none starts after this was called.</summary>
    public Task DrainAsync() => _running.CloseAsync();

    public void Dispose() => _slots.Dispose();

    async Task RunAsync(ActivityRow activity)
    {
        try
        {
            await _slots.WaitAsync(stopping);
            try
            {
                mayCrash(CrashPoint.BeforeActivity);
                var outcome = await OutcomeAsync(activity);
                mayCrash(CrashPoint.AfterActivity);
                DurableInstruments.ActivityReturned(activity.Name, outcome is ActivityCompleted);
                post(activity.Instance, new(null, activity.Execution, outcome));
            }
            finally
            {
                _slots.Release();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Its row is still in the journal: the next owner runs it.
        }
        catch (SimulatedCrashException)
        {
        }
        finally
        {
            _running.Exit();
        }
    }

    async Task<WorkflowMessage> OutcomeAsync(ActivityRow activity)
    {
        try
        {
            var registration = parts.Registry.Activity(activity.Name)
                ?? throw new ArgumentException($"No activity '{activity.Name}' is registered in this process; add it with AddActivity.");
            var context = new ActivityContext(activity.Instance, activity.Name, activity.IdempotencyKey, activity.Attempt, stopping);
            var result = await registration.Run(parts.Services, context, activity.Input, parts.Options.Json);
            return result.Length <= parts.Options.MaxPayloadChars
                ? new ActivityCompleted(activity.Id, result)
                : throw new ArgumentException(
                    $"The result of activity '{activity.Name}' has {result.Length} characters of JSON, more than the {parts.Options.MaxPayloadChars} allowed. Store it as a blob and return its reference.");
        }
        catch (Exception error) when (!(error is OperationCanceledException && stopping.IsCancellationRequested))
        {
            EngineLog.ActivityFailed(parts.Log, activity.Name, activity.Instance, activity.Attempt, error);
            return new ActivityFailed(activity.Id, FailureDetails.From(error));
        }
    }
}
