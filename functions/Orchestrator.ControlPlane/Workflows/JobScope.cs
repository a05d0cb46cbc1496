using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.Stake;
using Orchestrator.ControlPlane.Webhooks;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>What all phases of one <see cref="InferenceJob"/> share: its chains, what may end it, and how it reports and repeats.</summary>
internal sealed class JobScope : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ObservationPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource stop = new();
    private readonly Task<CancelRequested> cancel;
    private readonly Task deadline;
    private TimeSpan pause = FirstPause;

    public JobScope(IWorkflowContext context, InferenceJobInput input)
    {
        Context = context;
        Spec = input.Spec;
        Slots = [.. input.Chains.Select(c => new ChainSlot(c, input.Spec.CreatedAt))];
        cancel = context.WaitForEventAsync<CancelRequested>(InferenceJob.CancelEvent, stop.Token);
        deadline = context.CreateTimerAsync(Spec.Deadline, stop.Token);
    }

    /// <summary>For what must happen however long it takes: money that moves.</summary>
    public static RetryPolicy Persistent { get; } = new(10_000, TimeSpan.FromMilliseconds(200)) { MaxDelay = TimeSpan.FromSeconds(15) };

    public IWorkflowContext Context { get; }

    public JobSpec Spec { get; }

    public List<ChainSlot> Slots { get; }

    /// <summary>Ends waits that have lost their meaning.</summary>
    public CancellationToken Stopped => stop.Token;

    /// <summary>Completes when the job is cancelled or its time is over.</summary>
    public Task Over => Task.WhenAny(cancel, deadline);

    public bool IsOver => cancel.IsCompletedSuccessfully || deadline.IsCompletedSuccessfully;

    public bool IsCancelled => cancel.IsCompletedSuccessfully;

    /// <summary>Nothing ends the job from outside any more: its answer is decided, or it has failed.</summary>
    public void Close() => stop.Cancel();

    /// <summary>Waits a growing while; false when the job is over first.</summary>
    public async Task<bool> PauseAsync()
    {
        using var lost = new CancellationTokenSource();
        var timer = Context.CreateTimerAsync(Context.UtcNow + pause, lost.Token);
        pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        await Task.WhenAny(timer, cancel, deadline);
        lost.Cancel();
        return !IsOver;
    }

    /// <summary>Why a job that is over has no answer.</summary>
    /// <param name="lacked">What it waited for at the end; null when its chains were at work.</param>
    public JobFailure Ended(string? lacked = null) => IsCancelled
        ? new JobFailure(JobFailureCodes.Cancelled, "The job was cancelled.")
        : new JobFailure(JobFailureCodes.DeadlineExceeded, lacked is null ? "The job did not end before its deadline." : $"The job did not end before its deadline. It waited for nodes at the end: {lacked}");

    /// <summary>What the chains showed of their nodes so far.</summary>
    public ChainObservations Observations { get; } = new();

    /// <summary>Chains that were run again by each other's nodes so far.</summary>
    public Comparisons Compared { get; } = new();

    /// <summary>Counts what the chains showed; the answer does not wait for it, only the job's end does.</summary>
    public async Task ObserveAsync()
    {
        if (Observations.Take() is not { Count: > 0 } nodes)
            return;
        try
        {
            await Context.CallActivityAsync<bool>(ObserveActivity.Name, new ObserveRequest(nodes), Until(Context.UtcNow + ObservationPatience));
        }
        catch (ActivityFailedException)
        {
            // Scores are made of many jobs: one that could not be counted in time is left out.
        }
    }

    /// <summary>Audits and disputes so far.</summary>
    public List<CheckView> Checks { get; } = [];

    /// <summary>Shows where the job stands.</summary>
    public void Report(JobPhase phase, string? note = null, JobAnswer? answer = null) =>
        Context.SetCustomStatus(new JobProgress(phase, [.. Slots.Select(s => s.Chain)], note, answer, Checks.Count > 0 ? [.. Checks] : null));

    /// <summary>Tells the owner's webhook, if there is one, without waiting for the delivery.</summary>
    public async Task NotifyAsync(string state, string? note)
    {
        if (Spec.Webhook is { } url)
            await Context.CallActivityAsync<bool>(NotifyActivity.Name, new JobNotice(Spec.Job, url, state, Context.UtcNow, note), Persistent);
    }

    /// <summary>For what is of no use after a moment.</summary>
    public RetryPolicy Until(DateTimeOffset end) => Persistent with
    {
        MaxDelay = TimeSpan.FromSeconds(2),
        Timeout = end > Context.UtcNow ? end - Context.UtcNow : TimeSpan.FromSeconds(1),
    };

    public void Dispose() => stop.Dispose();
}
