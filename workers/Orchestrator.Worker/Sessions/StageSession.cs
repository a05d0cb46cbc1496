using System.Diagnostics;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.Contracts.DataPlane;
using Orchestrator.Onnx.Sampling;
using Orchestrator.Verification;
using Orchestrator.Worker.Diagnostics;
using Orchestrator.Worker.Edge;
using Orchestrator.Worker.Evidence;
using Orchestrator.Worker.Links;
using Orchestrator.Worker.Shards;

namespace Orchestrator.Worker.Sessions;

/// <summary>
/// A node's part of one chain: the caches of all choices on one shard. Frames wait here and run in order on the shard's executor;
/// an end (close, cancel, failure, expiry, lost peer) takes effect before the next pass and frees the caches there too.
/// </summary>
public sealed class StageSession : IExecutable
{
    private readonly Assignment assignment;
    private readonly LoadedShard shard;
    private readonly SessionContext context;
    private readonly EvidenceRecorder evidence;
    private readonly Action<StageSession> freed;
    private readonly bool isLast;
    private readonly bool nextNeedsTokens;
    private readonly int inFlight;

    private readonly Lock gate = new();
    private readonly Queue<(Frame Frame, long Received)> waiting = new();
    private readonly List<PassTimes> times = [];
    private bool scheduled;
    private bool ended;
    private int received;
    private int passedOn;

    // Touched by the executor only.
    private ChoiceRun[] runs = [];
    private int steps;
    private long computeMicroseconds;
    private Activity? span;

    /// <summary>Prepares a session; nothing is allocated before the chain opens.</summary>
    /// <param name="assignment">A checked assignment.</param>
    /// <param name="shard">Held for this session, released when the caches are free.</param>
    /// <param name="evidence">Keeps what it receives; taken over.</param>
    /// <param name="context">The node around it.</param>
    /// <param name="freed">Called once, when the caches are free.</param>
    public StageSession(Assignment assignment, LoadedShard shard, EvidenceRecorder evidence, SessionContext context, Action<StageSession> freed)
    {
        (this.assignment, this.shard, this.evidence, this.context, this.freed) = (assignment, shard, evidence, context, freed);
        Key = SessionKey.Of(assignment.Session);
        Since = context.Time.GetTimestamp();
        isLast = Stage == assignment.Hops.Count - 1;
        nextNeedsTokens = !isLast && shard.NeedsTokens(Stage + 1);
        WorkerTelemetry.SessionOpened();
        inFlight = FrameLimits.InFlight(assignment);
    }

    /// <summary>The session as frames name it.</summary>
    public UInt128 Key { get; }

    /// <summary>The stage.</summary>
    public int Stage => assignment.Stage;

    /// <summary>The assignment.</summary>
    public Assignment Assignment => assignment;

    /// <summary>The shard.</summary>
    public ShardManifest Shard => shard.Shard;

    /// <summary>The link that opened the session; null before that and when the previous hop is this node.</summary>
    public PeerConnection? Upstream { get; private set; }

    /// <summary>Clock reading at the assignment.</summary>
    public long Since { get; }

    /// <summary>Whether the chain was opened here.</summary>
    public bool Opened { get; private set; }

    private Hop Edge => assignment.Hops[0];

    private Hop Next => assignment.Hops[Stage + 1];

    /// <summary>The link to the next stage; null before its first use and when the next hop is this node.</summary>
    public PeerConnection? Downstream { get; private set; }

    /// <summary>The last stage's link to the edge; null before its first use and when the edge is this node.</summary>
    public PeerConnection? Return { get; private set; }

    /// <summary>Takes the frame that opens the chain; the caller has checked who sent it.</summary>
    public void Open(Frame frame, PeerConnection? from)
    {
        lock (gate)
        {
            if (Opened || ended)
            {
                frame.Dispose();
                return;
            }

            Opened = true;
            Upstream = from;
        }

        Accept(frame);
    }

    /// <summary>Queues a pass or a close; the caller has checked who sent it.</summary>
    public void Accept(Frame frame)
    {
        bool schedule = false, overrun;
        lock (gate)
        {
            overrun = waiting.Count > inFlight;
            if (ended || overrun)
                frame.Dispose();
            else
            {
                waiting.Enqueue((frame, context.Time.GetTimestamp()));
                received += frame.Header.Type == FrameType.Forward ? 1 : 0;
            }

            if (!ended && !overrun && !scheduled)
                schedule = scheduled = true;
        }

        if (schedule)
            shard.Executor.Schedule(this);
        if (overrun)
            Fail(new ChainFailure(FailureCodes.Internal, $"Stage {Stage} was sent more passes than may be in flight.", Math.Max(Stage - 1, 0)));
    }

    /// <summary>Tells the edge how far this stage is and passes the question down; also while a pass runs.</summary>
    public void Probe()
    {
        StageProgress progress;
        lock (gate)
        {
            if (ended)
                return;
            progress = new StageProgress(received, Volatile.Read(ref passedOn));
        }

        context.Router.TrySend(context.Router.LinkTo(Edge), FrameEncoder.Encode(new FrameHeader(FrameType.Progress, Key, (ushort)Stage), ProgressCodec.Encode(progress)));
        if (!isLast)
            context.Router.TrySend(context.Router.LinkTo(Next), FrameEncoder.Encode(new FrameHeader(FrameType.Probe, Key, (ushort)(Stage + 1))));
    }

    /// <summary>Ends the session with a failure: the edge is told, the stages below are cancelled.</summary>
    public void Fail(ChainFailure failure)
    {
        if (!TryEnd())
            return;
        byte[] payload = JsonSerializer.SerializeToUtf8Bytes(failure, ContractsJson.Default.ChainFailure);
        context.Router.TrySend(context.Router.LinkTo(Edge), FrameEncoder.Encode(new FrameHeader(FrameType.Error, Key, (ushort)Stage), payload));
        PassCancelDown();
    }

    /// <summary>Ends the session without telling the edge, which knows or is gone.</summary>
    public void Cancel()
    {
        if (TryEnd())
            PassCancelDown();
    }

    /// <inheritdoc />
    public bool IsShort
    {
        get
        {
            lock (gate)
                return !ended && waiting.TryPeek(out var next) && next.Frame.Header is { Type: FrameType.Forward, TokenCount: 1 };
        }
    }

    /// <inheritdoc />
    public bool RunNext()
    {
        (Frame Frame, long Received)? next;
        lock (gate)
            next = ended ? null : waiting.Dequeue();
        if (next is { } taken)
            Process(taken.Frame, taken.Received);
        lock (gate)
        {
            if (!ended)
                return scheduled = waiting.Count > 0;
            while (waiting.TryDequeue(out var late))
                late.Frame.Dispose();
            // Stays scheduled: an ended session never runs again.
        }

        Free();
        return false;
    }

    private void Process(Frame frame, long received)
    {
        using (frame)
        {
            try
            {
                switch (frame.Header.Type)
                {
                    case FrameType.Open:
                        OpenCaches(frame);
                        break;
                    case FrameType.Forward:
                        Forward(frame, received);
                        break;
                    default:
                        Close(frame);
                        break;
                }
            }
            catch (Exception e)
            {
                context.Log.StageFailed(assignment.Session.Value, Stage, e);
                Fail((e as ChainException)?.Failure ?? new ChainFailure(FailureCodes.Internal, $"Stage {Stage} failed: {e.Message}", Stage));
            }
        }
    }

    private void OpenCaches(Frame frame)
    {
        var opened = new ChoiceRun[assignment.Choices];
        span = WorkerTelemetry.Spans.CreateActivity("stage", ActivityKind.Server, TraceContext.Read(frame.Trace));
        span?.SetTag("session", assignment.Session.Value).SetTag("stage", Stage).SetTag("layers", Shard.Layers.Count).Start();
        // It ends with the session, on another thread.
        Activity.Current = null;
        // Assigned first: what was opened before a failure is freed with the rest.
        runs = opened;
        for (int i = 0; i < opened.Length; i++)
        {
            var sampler = isLast ? new TokenSampler(context.Terms?.Invoke(assignment.Sampling) ?? assignment.Sampling, shard.Model.Vocabulary, i) : null;
            opened[i] = new ChoiceRun(shard.Engine.Open(assignment.MaxTokens), Shard, Committer(i), sampler);
        }

        if (isLast)
            SendBack(FrameEncoder.Encode(new FrameHeader(FrameType.Opened, Key), default, frame.Trace));
        else
            SendDown(FrameEncoder.Encode(new FrameHeader(FrameType.Open, Key, (ushort)(Stage + 1)), default, frame.Trace));
    }

    private IPassCommitter Committer(int choice)
    {
        var committer = new PassCommitter(Shard, isLast, choice, evidence);
        return context.AroundCommitter?.Invoke(committer) ?? committer;
    }

    private void Forward(Frame frame, long received)
    {
        var header = frame.Header;
        if (header.Choice >= runs.Length)
            throw new InvalidDataException($"there is no choice {header.Choice}.");
        var run = runs[header.Choice];
        long began = context.Time.GetTimestamp();
        var sends = run.Run(frame);
        long ran = context.Time.GetTimestamp();
        long took = (long)context.Time.GetElapsedTime(began, ran).TotalMicroseconds;
        steps++;
        computeMicroseconds += took;
        Pass(run, header with { ComputeMicroseconds = header.ComputeMicroseconds + took }, frame, sends);
        long sent = context.Time.GetTimestamp();
        Volatile.Write(ref passedOn, passedOn + 1);
        WorkerTelemetry.Passed(span, header.TokenCount, header.Position, context.Time.GetElapsedTime(received, began), context.Time.GetElapsedTime(began, ran));
        run.Commit(frame, sends);
        run.Cache.PrepareNext();
        times.Add(new PassTimes(header.Choice, header.Position, header.TokenCount, received, began, ran, sent, context.Time.GetTimestamp()));
    }

    private void Pass(ChoiceRun run, FrameHeader header, Frame frame, IReadOnlyList<Tensor> sends)
    {
        if (!isLast)
        {
            var pass = header with { Stage = (ushort)(Stage + 1) };
            SendDown(FrameEncoder.EncodePass(pass, nextNeedsTokens ? frame.Tokens : [], sends, frame.Trace));
            return;
        }

        var draws = run.Draw(header, sends, shard.Model.Vocabulary);
        var answer = header with { Type = FrameType.Drawn, TokenCount = (ushort)draws.Length, DrawFrom = 0, TensorCount = 0 };
        SendBack(FrameEncoder.Encode(answer, DrawCodec.Encode(draws)));
    }

    private void Close(Frame frame)
    {
        var before = JsonSerializer.Deserialize(frame.Payload.Span, ContractsJson.Default.SignedMessageArray) ?? [];
        if (runs.Length == 0)
            throw new InvalidDataException("it was closed before it was opened.");
        if (before.Length != Stage)
            throw new InvalidDataException($"it was closed with {before.Length} receipts instead of {Stage}.");
        ChoiceCommitment[] commitments = [.. runs.Select(r => r.Commitment())];
        // Who gets the receipt may ask for the evidence at once.
        evidence.Keep([.. runs.Select(r => r.Chunks)]);
        var receipt = new Receipt(
            Receipt.CurrentSchema,
            context.Key.Node,
            assignment.Job,
            assignment.Session,
            assignment.Manifest,
            Stage,
            Shard.Layers,
            Shard.Blob,
            shard.Class,
            before is [.., var previous] ? Digest.Of(previous.Payload) : null,
            commitments,
            steps,
            computeMicroseconds,
            context.Time.GetUtcNow());
        SignedMessage[] receipts = [.. before, MessageSigning.Seal(MessageTypes.Receipt, receipt, ContractsJson.Default.Receipt, context.Key)];
        byte[] payload = JsonSerializer.SerializeToUtf8Bytes(receipts, ContractsJson.Default.SignedMessageArray);
        if (isLast)
            SendBack(FrameEncoder.Encode(new FrameHeader(FrameType.Closed, Key), payload));
        else
            SendDown(FrameEncoder.Encode(new FrameHeader(FrameType.Close, Key, (ushort)(Stage + 1)), payload));
        TryEnd();
    }

    // A link is noted before it is used: if it breaks at any moment after, its end finds this session.
    private void SendDown(FrameBuffer frame) => Send(Downstream ??= context.Router.LinkTo(Next), frame, Stage + 1);

    private void SendBack(FrameBuffer frame) => Send(Return ??= context.Router.LinkTo(Edge), frame, 0);

    private void Send(PeerConnection? link, FrameBuffer frame, int stage)
    {
        if (!context.Router.TrySend(link, frame))
            throw new ChainException(FailureCodes.Unreachable, $"The link from stage {Stage} to stage {stage} broke.", stage);
    }

    private bool TryEnd()
    {
        bool schedule;
        lock (gate)
        {
            if (ended)
                return false;
            ended = true;
            schedule = !scheduled;
            scheduled = true;
        }

        if (schedule)
            shard.Executor.Schedule(this);
        return true;
    }

    private void PassCancelDown()
    {
        if (!isLast)
            context.Router.TrySend(context.Router.LinkTo(Next), FrameEncoder.Encode(new FrameHeader(FrameType.Cancel, Key, (ushort)(Stage + 1))));
    }

    private void Free()
    {
        try
        {
            foreach (var run in runs)
                run?.Dispose();
            runs = [];
            evidence.Dispose();
            span?.SetTag("passes", steps).SetTag("compute_us", computeMicroseconds).Dispose();
            WorkerTelemetry.SessionEnded();
            context.Timings.Add(assignment.Session, Stage, times);
            context.Passes?.Write(assignment.Session.Value, Stage, times);
        }
        catch (Exception e)
        {
            // A full disk must not end the executor, which serves other sessions.
            context.Log.StageFailed(assignment.Session.Value, Stage, e);
        }

        freed(this);
        shard.Release();
    }
}
