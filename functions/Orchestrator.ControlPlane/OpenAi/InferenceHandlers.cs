using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Diagnostics;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Jobs;

namespace Orchestrator.ControlPlane.OpenAi;

/// <summary>The two OpenAI inference calls, streaming and not.</summary>
public sealed class InferenceHandlers(
    InteractiveJobs jobs, JobFactory factory, RequestLimiter limiter, ControlPlaneOptions options, ControlPlaneMetrics metrics, TimeProvider time)
{
    private static readonly TimeSpan ErrorGrace = TimeSpan.FromMilliseconds(100);

    /// <summary><c>POST /v1/chat/completions</c>.</summary>
    public async Task ChatAsync(ApiCall call)
    {
        using var body = await call.ReadObjectAsync();
        await RunAsync(call, ChatRequestParser.Parse(body.RootElement, options.StandardAssurance), (spec, tokenizer, usage) => new ChatShape(spec, tokenizer, usage));
    }

    /// <summary><c>POST /v1/completions</c>.</summary>
    public async Task CompletionAsync(ApiCall call)
    {
        using var body = await call.ReadObjectAsync();
        await RunAsync(call, CompletionRequestParser.Parse(body.RootElement, options.StandardAssurance), (spec, tokenizer, usage) => new CompletionShape(spec, tokenizer, usage));
    }

    private async Task RunAsync(ApiCall call, InferenceRequest request, Func<JobSpec, ITokenizer, bool, IAnswerShape> shape)
    {
        using var span = ControlPlaneMetrics.Spans.StartActivity("inference");
        using var entered = limiter.Enter(call.Caller.Account);
        long started = time.GetTimestamp();
        var job = await factory.CreateAsync(request, call.Caller.Account, JobId.New(time), null, call.Aborted);
        span?.SetTag("orchestrator.job.id", job.Spec.Job.Value).SetTag("orchestrator.assurance", job.Spec.Assurance.Value)
            .SetTag("gen_ai.request.model", job.Spec.Model).SetTag("gen_ai.request.max_tokens", job.Spec.MaxCompletionTokens);
        string how = "aborted";
        try
        {
            await using var running = await jobs.StartAsync(job, call.Aborted);
            call.Http.Response.Headers["x-orchestrator-job"] = job.Spec.Job.Value;
            call.Http.Response.Headers["x-orchestrator-assurance"] = job.Spec.Assurance.Value;
            call.Http.Response.Headers["x-orchestrator-price"] = job.Spec.Assured.Total.ToString();
            var answer = shape(job.Spec, job.Tokenizer, request.IncludeUsage);
            if (request.Stream)
                await StreamAsync(call, running, answer, started);
            else
                await WholeAsync(call, running, answer, request, started);
            how = "completed";
        }
        catch (ApiException e)
        {
            how = e.Code ?? e.Type;
            throw;
        }
        finally
        {
            metrics.JobEnded(how);
        }
    }

    private async Task WholeAsync(ApiCall call, RunningJob running, IAnswerShape shape, InferenceRequest request, long started)
    {
        var clock = new StreamClock(metrics, time, started);
        await foreach (var batch in running.EventsAsync(call.Aborted))
        {
            clock.Note(batch);
            foreach (var item in batch)
                shape.Chunk(item);
        }

        var answer = Answer(running.Outcome!);
        // The agreed answer stands whatever a stream said; only log-probabilities come from the stream alone.
        if (!running.StreamMatches && request.LogProbs)
            throw Mismatch(running);
        call.Http.Response.Headers["x-orchestrator-assurance"] = answer.Info.Assurance.Achieved;
        call.Http.Response.Headers["x-orchestrator-price"] = answer.Info.Price.Charged.ToString();
        using var buffer = new MemoryStream();
        using (var json = new System.Text.Json.Utf8JsonWriter(buffer))
            shape.Write(json, shape.Whole(answer));
        call.Http.Response.ContentType = "application/json";
        call.Http.Response.ContentLength = buffer.Length;
        await call.Http.Response.Body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), call.Aborted);
    }

    private async Task StreamAsync(ApiCall call, RunningJob running, IAnswerShape shape, long started)
    {
        using var sse = new SseWriter(call.Http.Response);
        using var left = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted);
        await using var batches = running.EventsAsync(left.Token).GetAsyncEnumerator(left.Token);
        var clock = new StreamClock(metrics, time, started);
        var next = Task.FromResult(false);
        try
        {
            next = batches.MoveNextAsync().AsTask();
            while (await MovedAsync(next, sse, clock.Waiting, call.Aborted))
            {
                if (clock.Waiting)
                    Open();
                clock.Note(batches.Current);
                foreach (var item in batches.Current)
                {
                    if (shape.Chunk(item) is { } chunk)
                        sse.Data(json => shape.Write(json, chunk));
                }

                await sse.FlushAsync(call.Aborted);
                next = batches.MoveNextAsync().AsTask();
            }

            var answer = Answer(running.Outcome!);
            if (!running.StreamMatches)
                throw Mismatch(running);
            if (clock.Waiting)
                Open();
            foreach (object part in shape.Closing(answer))
                sse.Data(json => shape.Write(json, part));
            sse.Done();
            await sse.FlushAsync(call.Aborted);
        }
        catch (Exception e) when (call.Http.Response.HasStarted && !call.Aborted.IsCancellationRequested)
        {
            sse.Error(e as ApiException ?? ApiErrors.Internal());
            await sse.FlushAsync(call.Aborted);
            // The connection is broken off next; without a moment for the event to leave, it would be lost with it.
            await Task.Delay(ErrorGrace, time, call.Aborted);
            throw;
        }
        finally
        {
            // An enumerator cannot be disposed while somebody waits for its next item.
            await left.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        void Open()
        {
            if (!call.Http.Response.HasStarted)
                sse.Start();
            foreach (object part in shape.Opening())
                sse.Data(json => shape.Write(json, part));
        }
    }

    /// <summary>Waits for the next batch; keeps the connection alive meanwhile, once the wait is long.</summary>
    private async Task<bool> MovedAsync(Task<bool> next, SseWriter sse, bool opening, CancellationToken cancel)
    {
        while (!next.IsCompleted)
        {
            using var lost = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var ping = Task.Delay(options.StreamPingInterval, time, lost.Token);
            if (await Task.WhenAny(next, ping) == ping && !cancel.IsCancellationRequested)
            {
                if (opening)
                    sse.Start();
                opening = false;
                sse.Ping();
                await sse.FlushAsync(cancel);
            }

            await lost.CancelAsync();
            cancel.ThrowIfCancellationRequested();
        }

        return await next;
    }

    private static JobAnswer Answer(JobOutcome outcome) => outcome.Answer ?? throw (outcome.Failure!.Code switch
    {
        JobFailureCodes.ContextExceeded => ApiErrors.ContextLength("messages", outcome.Failure.Message),
        JobFailureCodes.Cancelled => new ApiException(400, "invalid_request_error", "The job was cancelled.") { Code = JobFailureCodes.Cancelled },
        JobFailureCodes.Disagreement => new ApiException(500, "server_error", $"The answer could not be verified. {outcome.Failure.Message}") { Code = JobFailureCodes.Disagreement },
        _ => ApiErrors.Unavailable($"The request could not be answered. {outcome.Failure.Message}", outcome.Failure.Code),
    });

    private static ApiException Mismatch(RunningJob running) => new(500, "server_error",
        $"What was streamed is not what the chains agreed on. The agreed answer is at /api/jobs/{running.Spec.Job}.")
    { Code = "stream_mismatch" };
}
