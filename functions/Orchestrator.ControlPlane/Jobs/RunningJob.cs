using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Streaming;
using Orchestrator.ControlPlane.Workflows;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Jobs;

/// <summary>
/// A job somebody waits for: its tokens as they come, then its outcome, which may be provisional. Disposing it before the whole answer was handed on cancels the job
/// and frees its nodes.
/// </summary>
public sealed partial class RunningJob(
    NewJob job,
    IReadOnlyList<DispatchedChain> chains,
    IWorkflowClient workflows,
    ChainRelay relay,
    JobSignals signals,
    TimeProvider time,
    ILogger log) : IAsyncDisposable
{
    private const int Buffered = 256;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StreamGrace = TimeSpan.FromSeconds(1);

    private readonly Channel<StreamEvent> events = Channel.CreateBounded<StreamEvent>(Buffered);
    private readonly CancellationTokenSource stop = new();
    private Task<ScheduleOutcome> scheduled = Task.FromResult(ScheduleOutcome.Created);
    private Task supervisor = Task.CompletedTask;

    /// <summary>What was asked.</summary>
    public JobSpec Spec => job.Spec;

    /// <summary>The tokenizer of its model.</summary>
    public ITokenizer Tokenizer => job.Tokenizer;

    /// <summary>What was handed on.</summary>
    public Transcript Transcript { get; } = new(job.Spec.Choices, job.Spec.MaxCompletionTokens);

    /// <summary>How it ended; null until the events have ended.</summary>
    public JobOutcome? Outcome { get; private set; }

    /// <summary>Whether what was handed on is the start of the agreed answer.</summary>
    public bool StreamMatches { get; private set; } = true;

    /// <summary>
    /// Events of all choices, each once. The last event of a choice is a claim like all others; the answer counts when the events have ended and
    /// <see cref="Outcome"/> has an answer.
    /// </summary>
    public IAsyncEnumerable<IReadOnlyList<StreamEvent>> EventsAsync(CancellationToken cancel) => BatchesAsync(cancel);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (Outcome is null && !Transcript.IsComplete)
            await CancelAsync();
        await stop.CancelAsync();
        await supervisor;
        signals.Forget(Spec.Job);
        stop.Dispose();
    }

    internal void Start(Task<ScheduleOutcome> scheduling)
    {
        scheduled = scheduling;
        supervisor = SuperviseAsync(stop.Token);
    }

    private async IAsyncEnumerable<IReadOnlyList<StreamEvent>> BatchesAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        while (await events.Reader.WaitToReadAsync(cancel))
        {
            List<StreamEvent> batch = [];
            while (batch.Count < Buffered && events.Reader.TryRead(out var item))
                batch.Add(item);
            yield return batch;
        }
    }

    private async Task SuperviseAsync(CancellationToken cancel)
    {
        try
        {
            var settled = signals.WatchAsync(Spec.Job);
            using var streamStop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var stream = relay.RunAsync(Spec.Job, chains, Transcript, events.Writer, streamStop.Token);
            await scheduled;
            var outcome = OutcomeAsync(settled, cancel);
            await Task.WhenAny(stream, outcome);
            if (!stream.IsCompleted && (await outcome).Answer is not null)
                await Task.WhenAny(stream, Task.Delay(StreamGrace, time, cancel));
            await streamStop.CancelAsync();
            await stream.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var end = await outcome;
            if (end.Answer is { } answer)
                await CompleteAsync(answer, cancel);
            Outcome = end;
            events.Writer.TryComplete();
        }
        catch (Exception e)
        {
            events.Writer.TryComplete(e);
        }
    }

    private async Task<JobOutcome> OutcomeAsync(Task<JobOutcome> settled, CancellationToken cancel)
    {
        var finished = workflows.WaitForCompletionAsync(Spec.Job.Value, cancel);
        var answered = Spec.LongestCheck > TimeSpan.Zero ? AnsweredAsync(cancel) : finished;
        var first = await Task.WhenAny(settled, finished, answered);
        if (first == settled)
            return await settled;
        var job = JobSnapshot.Of(await (Task<WorkflowState>)first)!;
        return job.Outcome ?? new JobOutcome(JobPhase.Provisional, job.Answer, null);
    }

    /// <summary>A provisional answer comes long before the job ends; on other replicas only its status tells of it.</summary>
    private async Task<WorkflowState> AnsweredAsync(CancellationToken cancel)
    {
        while (true)
        {
            await Task.Delay(Look, time, cancel);
            if (await workflows.GetAsync(Spec.Job.Value, cancel) is { } state && (state.IsFinished || JobSnapshot.Of(state)?.Answer is not null))
                return state;
        }
    }

    private async Task CompleteAsync(JobAnswer answer, CancellationToken cancel)
    {
        try
        {
            for (int choice = 0; choice < Spec.Choices; choice++)
            {
                if (Transcript.Complete(choice, answer.Choices[choice]) is { } rest)
                    await events.Writer.WriteAsync(rest, cancel);
            }
        }
        catch (InvalidDataException e)
        {
            StreamMatches = false;
            Mismatch(log, Spec.Job.Value, e.Message);
        }
    }

    private async Task CancelAsync()
    {
        try
        {
            // The workflow frees the nodes, once it has read what they streamed: that is paid for.
            await scheduled;
            await workflows.RaiseEventAsync(Spec.Job.Value, InferenceJob.CancelEvent, new CancelRequested("The client disconnected."), CancellationToken.None);
        }
        catch (Exception e)
        {
            NotCancelled(log, Spec.Job.Value, e.Message);
        }
    }

    [LoggerMessage(EventId = 42, Level = LogLevel.Error, Message = "{Job}: {Reason}")]
    private static partial void Mismatch(ILogger log, string job, string reason);

    [LoggerMessage(EventId = 43, Level = LogLevel.Warning, Message = "{Job}: the job could not be cancelled and ends at its deadline at the latest: {Reason}")]
    private static partial void NotCancelled(ILogger log, string job, string reason);
}
