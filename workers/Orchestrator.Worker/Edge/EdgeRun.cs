using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using Orchestrator.Contracts;
using Orchestrator.Contracts.DataPlane;
using Orchestrator.Worker.Diagnostics;
using Orchestrator.Worker.Links;
using Orchestrator.Worker.Sessions;

namespace Orchestrator.Worker.Edge;

/// <summary>
/// Drives one chain for one session: open, prefill and decode every choice, close.
/// <code>
/// edge ─Open──► stage 0 ─…─► last stage ─Opened──► edge
/// edge ─Forward(chunk)…──►          …   ─Drawn(0 draws) per inner chunk, Drawn(1) after the prompt──► edge
/// edge ─Forward(1 token)─►          …   ─Drawn(1)──► edge          until an end, a stop sequence or the limit
/// edge ─Close(no receipts)►   each adds its receipt   ─Closed(all)──► edge
/// edge ─Probe──► every stage ─Progress──► edge                     when no answer came for too long: whom to name
/// </code>
/// Every wait ends with an answer, a failure told by a stage, a broken link, a chain that is silent for longer than
/// <see cref="PassPatience"/> allows, or the assignment's expiry.
/// </summary>
public sealed class EdgeRun : IDisposable
{
    /// <summary>Longest wait for the chain to open and to close.</summary>
    public static readonly TimeSpan TurnLimit = TimeSpan.FromSeconds(30);

    /// <summary>Longest wait for what the stages of a silent chain say; longer than a link takes to read on past a pass that hangs.</summary>
    public static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    private readonly Assignment assignment;
    private readonly EdgeTask task;
    private readonly ModelManifest model;
    private readonly ITokenizer tokenizer;
    private readonly SessionContext context;
    private readonly StreamLog log;
    private readonly long began;

    private readonly TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<SignedMessage[]> closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim window;
    private readonly ChoiceState[] choices;

    private readonly Lock watching = new();
    private readonly PassPatience patience = new();
    private readonly List<TripTiming> trips = [];
    private int sent;
    private int answered;
    private long lastMove;
    private ChainProgress? probe;
    private long probedAt;

    private ChainFailure? failure;
    private long openAt;
    private long firstTokenAt;
    private long lastTokenAt;
    private int unfinished;
    private ChoiceState? lastToEnd;

    /// <summary>Prepares a run.</summary>
    public EdgeRun(Assignment assignment, ModelManifest model, SessionContext context, StreamLog log)
    {
        (this.assignment, this.model, this.context, this.log) = (assignment, model, context, log);
        task = assignment.Edge!;
        tokenizer = TokenizerFactory.Create(model.Tokenizer);
        began = context.Time.GetTimestamp();
        Key = SessionKey.Of(assignment.Session);
        window = new SemaphoreSlim(FrameLimits.InFlight(assignment));
        choices = [.. Enumerable.Range(0, assignment.Choices).Select(i => new ChoiceState(i, new AnswerText(tokenizer, task.Stop)))];
        unfinished = choices.Length;
    }

    /// <summary>The session as frames name it.</summary>
    public UInt128 Key { get; }

    /// <summary>The assignment.</summary>
    public Assignment Assignment => assignment;

    /// <summary>The link the last stage answers on; null before it opened and when it is this node.</summary>
    public PeerConnection? Return { get; private set; }

    /// <summary>Tokens of the prompt, once known.</summary>
    public int PromptTokens { get; private set; }

    /// <summary>Why the run failed; null while it has not.</summary>
    public ChainFailure? Failure => failure;

    /// <summary>The last stage says that all are open.</summary>
    public void Opened(PeerConnection? from)
    {
        Return = from;
        opened.TrySetResult();
    }

    /// <summary>The last stage answers a pass; takes over nothing.</summary>
    public void Drawn(Frame frame)
    {
        var header = frame.Header;
        if (header.Choice >= choices.Length || !choices[header.Choice].TryAnswer(header.Position, header.TokenCount, out long asked)
            || !DrawCodec.TryDecode(frame.Payload.Span, header.TokenCount, model.Vocabulary, out var draws))
        {
            Fail(new ChainFailure(FailureCodes.Internal, "The last stage answered a pass that was not asked, or not readably.", assignment.Hops.Count - 1));
            return;
        }

        lock (watching)
        {
            answered++;
            lastMove = context.Time.GetTimestamp();
            probe = null;
            patience.Answered(context.Time.GetElapsedTime(asked, lastMove));
            trips.Add(new TripTiming(header.Choice, header.Position, header.TokenCount > 0, Micros(began, asked), Micros(asked, lastMove)));
        }

        window.Release();
        if (draws.Length == 1)
            choices[header.Choice].Draws.Writer.TryWrite(draws[0]);
    }

    /// <summary>A stage says how far it is; takes over nothing.</summary>
    public void Progress(Frame frame)
    {
        if (!ProgressCodec.TryDecode(frame.Payload.Span, out var progress))
            return;
        lock (watching)
            probe?.Note(frame.Header.Stage, progress);
    }

    /// <summary>The last stage hands over all receipts.</summary>
    public void Closed(Frame frame)
    {
        try
        {
            closed.TrySetResult(JsonSerializer.Deserialize(frame.Payload.Span, ContractsJson.Default.SignedMessageArray) ?? []);
        }
        catch (JsonException e)
        {
            Fail(new ChainFailure(FailureCodes.Internal, $"The receipts are not readable: {e.Message}", assignment.Hops.Count - 1));
        }
    }

    /// <summary>Ends the run; the first failure counts.</summary>
    public void Fail(ChainFailure reason)
    {
        if (Interlocked.CompareExchange(ref failure, reason, null) is not null)
            return;
        try
        {
            stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The run ended meanwhile; nobody waits any more.
        }
    }

    /// <summary>Runs the session to its result; never throws.</summary>
    public async Task<ChainResult> RunAsync()
    {
        SignedMessage[] receipts = [];
        using var span = WorkerTelemetry.Spans.StartActivity("edge", ActivityKind.Consumer, TraceContext.Read(TraceContext.Parse(assignment.Trace)));
        span?.SetTag("session", assignment.Session.Value).SetTag("chain", assignment.Chain).SetTag("choices", assignment.Choices);
        try
        {
            int[] prompt = Tokenize();
            await OpenAsync(span);
            await using (context.Time.CreateTimer(_ => Watch(), null, WatchInterval, WatchInterval))
                await Task.WhenAll(choices.Select(c => RunAsync(c, prompt)));
            receipts = await CloseAsync();
            Finish(lastToEnd!, last: true);
        }
        catch (Exception e)
        {
            Fail((e as ChainException)?.Failure ?? new ChainFailure(FailureCodes.Internal, $"The edge failed: {e.Message}", 0));
            context.Log.ChainFailed(assignment.Session.Value, failure!.Code, failure.Stage, failure.Message);
            Send(FrameEncoder.Encode(new FrameHeader(FrameType.Cancel, Key)));
            log.Append(0, null, "", failure: failure, last: true);
        }

        if (failure is not null)
            span?.SetStatus(ActivityStatusCode.Error, failure.Code);
        WorkerTelemetry.ChainEnded(failure);
        lock (watching)
            context.Timings.Add(assignment.Session, new EdgeTimings(Micros(began, openAt), Micros(openAt, firstTokenAt), Micros(began, lastTokenAt), [.. trips]));
        return Result(receipts);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        stop.Dispose();
        window.Dispose();
    }

    private int[] Tokenize()
    {
        int[] prompt;
        try
        {
            prompt = tokenizer.Encode(task.Prompt);
        }
        catch (ArgumentException e)
        {
            throw new ChainException(FailureCodes.Internal, $"The prompt cannot be tokenized: {e.Message}", 0, e);
        }

        PromptTokens = prompt.Length;
        long needed = (long)prompt.Length + task.MaxCompletionTokens;
        if (needed > assignment.MaxTokens)
            throw new ChainException(FailureCodes.ContextExceeded, $"The prompt's {prompt.Length} and the answer's {task.MaxCompletionTokens} tokens exceed the {assignment.MaxTokens} of the session.", null);
        return prompt;
    }

    private async Task OpenAsync(Activity? span)
    {
        Send(FrameEncoder.Encode(new FrameHeader(FrameType.Open, Key), default, span is null ? TraceContext.Parse(assignment.Trace) : TraceContext.Of(span)));
        await WaitAsync(opened.Task, "open");
        openAt = context.Time.GetTimestamp();
    }

    private async Task RunAsync(ChoiceState choice, int[] prompt)
    {
        try
        {
            foreach (var (start, count) in PrefillPlan.Passes(prompt.Length))
                await PassAsync(choice, prompt.AsMemory(start, count), start, start + count == prompt.Length);
            int position = prompt.Length;
            int[] one = new int[1];
            while (true)
            {
                var draw = await choice.Draws.Reader.ReadAsync(stop.Token);
                if (Take(choice, draw))
                    return;
                one[0] = draw.Token;
                await PassAsync(choice, one, position++, draws: true);
            }
        }
        catch (OperationCanceledException)
        {
            throw new ChainException(failure!);
        }
        catch (Exception e) when (e is not ChainException)
        {
            // The other choices must not go on alone.
            Fail(new ChainFailure(FailureCodes.Internal, $"The edge failed: {e.Message}", 0));
            throw;
        }
    }

    /// <summary>Takes a drawn token; true when it ends the choice.</summary>
    private bool Take(ChoiceState choice, TokenDraw draw)
    {
        lastTokenAt = context.Time.GetTimestamp();
        if (firstTokenAt == 0)
            firstTokenAt = lastTokenAt;
        choice.Tokens.Add(draw.Token);
        bool end = draw.Token == tokenizer.EndToken && !task.IgnoreEnd;
        string text = choice.Text.Append(draw.Token);
        log.Append(choice.Number, draw, text);
        if (end || choice.Text.Stopped)
            choice.Reason = FinishReason.Stop;
        else if (choice.Tokens.Count == task.MaxCompletionTokens)
            choice.Reason = FinishReason.Length;
        else
            return false;
        if (Interlocked.Decrement(ref unfinished) > 0)
            Finish(choice, last: false);
        else
            // The very last event waits until the receipts are in: a stream that ends well means a job that ended well.
            lastToEnd = choice;
        return true;
    }

    private void Finish(ChoiceState choice, bool last) => log.Append(choice.Number, null, choice.Text.Finish(), choice.Reason, last: last);

    private async ValueTask PassAsync(ChoiceState choice, ReadOnlyMemory<int> tokens, int position, bool draws)
    {
        await window.WaitAsync(stop.Token);
        int count = tokens.Length;
        choice.Ask(position, draws ? 1 : 0, NoteSent());
        var header = new FrameHeader(
            FrameType.Forward,
            Key,
            Choice: (ushort)choice.Number,
            TokenCount: (ushort)count,
            DrawFrom: (ushort)(draws ? count - 1 : count),
            Position: position);
        Send(FrameEncoder.EncodePass(header, tokens.Span, []));
    }

    private long NoteSent()
    {
        lock (watching)
        {
            long now = context.Time.GetTimestamp();
            if (sent++ == answered)
                lastMove = now;
            return now;
        }
    }

    /// <summary>Asks a chain that has been silent for too long where its passes are, and gives it up when no answer comes after all.</summary>
    private void Watch()
    {
        ChainFailure? reason = null;
        bool ask = false;
        lock (watching)
        {
            if (sent == answered)
                return;
            var silence = context.Time.GetElapsedTime(lastMove);
            if (probe is null && silence > patience.Limit)
            {
                probe = new ChainProgress(assignment.Hops.Count);
                probedAt = context.Time.GetTimestamp();
                ask = true;
            }
            else if (probe is not null && context.Time.GetElapsedTime(probedAt) > ProbeLimit)
            {
                var (stage, what) = probe.Suspect(sent);
                reason = new ChainFailure(FailureCodes.Unreachable, $"No answer for {silence.TotalSeconds:F0} s: stage {stage} {what}.", stage);
            }
        }

        if (ask)
            Send(FrameEncoder.Encode(new FrameHeader(FrameType.Probe, Key)));
        if (reason is not null)
            Fail(reason);
    }

    private async Task<SignedMessage[]> CloseAsync()
    {
        Send(FrameEncoder.Encode(new FrameHeader(FrameType.Close, Key), "[]"u8));
        await WaitAsync(closed.Task, "close");
        var receipts = await closed.Task;
        if (ReceiptCheck.Problem(receipts, assignment) is { } problem)
            throw new ChainException(problem);
        return receipts;
    }

    private async Task WaitAsync(Task turn, string what)
    {
        try
        {
            await turn.WaitAsync(TurnLimit, context.Time, stop.Token);
        }
        catch (OperationCanceledException)
        {
            throw new ChainException(failure!);
        }
        catch (TimeoutException)
        {
            throw new ChainException(FailureCodes.Unreachable, $"The chain did not {what} within {TurnLimit.TotalSeconds} s.", null);
        }
    }

    private void Send(FrameBuffer frame) => context.Router.TrySend(null, frame);

    private ChainResult Result(SignedMessage[] receipts) => new(
        ChainResult.CurrentSchema,
        context.Key.Node,
        assignment.Job,
        assignment.Session,
        assignment.Chain,
        assignment.Attempt,
        PromptTokens,
        failure is not null ? [] : [.. choices.Select(c => new ChoiceResult(c.Tokens, c.Text.Released, c.Reason))],
        failure is not null ? [] : receipts,
        new ChainTiming(Micros(began, openAt), Micros(openAt, firstTokenAt), Micros(began, lastTokenAt)),
        failure,
        assignment.Edge!.StreamTokenDigest);

    private long Micros(long from, long to) => to == 0 ? 0 : (long)context.Time.GetElapsedTime(from, to).TotalMicroseconds;

    private sealed class ChoiceState(int number, AnswerText text)
    {
        private readonly Queue<(int Position, int Draws, long At)> asked = new();

        public int Number => number;

        public AnswerText Text => text;

        public List<int> Tokens { get; } = [];

        public FinishReason Reason { get; set; }

        // The answer's link reader runs the choice's next step itself: no thread is woken per token.
        public Channel<TokenDraw> Draws { get; } =
            Channel.CreateUnbounded<TokenDraw>(new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });

        public void Ask(int position, int draws, long at)
        {
            lock (asked)
                asked.Enqueue((position, draws, at));
        }

        /// <summary>Whether the answer is to the oldest question, and when that was asked.</summary>
        public bool TryAnswer(int position, int draws, out long at)
        {
            lock (asked)
            {
                bool was = asked.TryDequeue(out var first) && (first.Position, first.Draws) == (position, draws);
                at = first.At;
                return was;
            }
        }
    }
}
