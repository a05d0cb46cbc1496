using System.Text.Json;
using System.Threading.Channels;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.OpenAi;
using Orchestrator.ControlPlane.Streaming;

namespace Orchestrator.ControlPlane.Jobs;

/// <summary>
/// <c>GET /api/jobs/{id}/events</c>: <c>status</c> events with the job whenever its status changes, <c>token</c> events as an edge streams them. Tokens are
/// provisional until the status is completed; so is an answer whose <c>finality</c> says so. The stream ends with the job's final status, which for an
/// optimistic job comes with the end of its challenge window.
/// </summary>
public sealed class JobEventHandler(JobReader jobs, ChainRelay relay, RequestLimiter limiter, ControlPlaneOptions options, TimeProvider time)
{
    private const int Buffered = 256;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>Streams the events.</summary>
    public async Task StreamAsync(ApiCall call)
    {
        var job = await FindAsync(call);
        using var entered = limiter.Enter(call.Caller.Account);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted);
        using var sse = new SseWriter(call.Http.Response);
        sse.Start();
        var tokens = Channel.CreateBounded<StreamEvent>(Buffered);
        // A job that has ended has its answer in its status; its edges may be gone.
        var reading = job.Answer is null && job.Outcome is null
            ? relay.RunAsync(job.Spec.Job, job.Progress.Chains, new Transcript(job.Spec.Choices, job.Spec.MaxCompletionTokens), tokens.Writer, stop.Token)
            : Task.CompletedTask;
        try
        {
            await FollowAsync(call, job, tokens.Reader, sse);
        }
        finally
        {
            await stop.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync(ApiCall call, JobSnapshot job, ChannelReader<StreamEvent> tokens, SseWriter sse)
    {
        string? last = null;
        long written = time.GetTimestamp();
        while (true)
        {
            bool any = false;
            while (tokens.TryRead(out var item))
            {
                any = true;
                sse.Event("token"u8, json => JsonSerializer.Serialize(json, new JobEvent(item.Choice, item.Draw?.Token, item.Text), ControlPlaneJson.Default.JobEvent));
            }

            var view = JobView.Of(job);
            string now = $"{view.Status}|{view.Note}|{view.Finality}|{string.Join(',', view.Checks.Select(c => c.Id + c.Verdict))}|{string.Join(',', job.Progress.Chains.Select(c => c.Session))}";
            if (now != last)
            {
                any = true;
                last = now;
                sse.Event("status"u8, json => JsonSerializer.Serialize(json, view, ControlPlaneJson.Default.JobView));
            }

            if (!any && time.GetElapsedTime(written) > options.StreamPingInterval)
            {
                any = true;
                sse.Ping();
            }

            if (any)
            {
                written = time.GetTimestamp();
                await sse.FlushAsync(call.Aborted);
            }

            if (job.Outcome is not null)
                return;
            using var look = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted);
            await Task.WhenAny(Task.Delay(Look, time, look.Token), tokens.WaitToReadAsync(look.Token).AsTask());
            await look.CancelAsync();
            job = await FindAsync(call);
        }
    }

    private async Task<JobSnapshot> FindAsync(ApiCall call) =>
        await jobs.FindAsync(call.Route("id"), call.Caller.Account, call.Aborted) ?? throw ApiErrors.NotFound("There is no such job. GET /api/jobs lists yours.");
}
