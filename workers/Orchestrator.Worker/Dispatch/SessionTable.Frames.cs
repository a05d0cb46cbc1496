using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.Contracts.DataPlane;
using Orchestrator.Worker.Edge;
using Orchestrator.Worker.Links;
using Orchestrator.Worker.Sessions;

namespace Orchestrator.Worker.Dispatch;

/// <summary>Frames in.</summary>
public sealed partial class SessionTable
{
    // What a peer may send before any session named it: enough for an open or a failure.
    private const int StrangerLimit = 4 << 10;

    /// <inheritdoc />
    public int Limit(FrameHeader header, PeerConnection from)
    {
        StageSession? stage;
        EdgeRun? edge;
        lock (gate)
        {
            stages.TryGetValue((header.Session, header.Stage), out stage);
            edges.TryGetValue(header.Session, out edge);
        }

        return (header.Type, stage, edge) switch
        {
            (FrameType.Open or FrameType.Opened or FrameType.Cancel or FrameType.Ping or FrameType.Pong or FrameType.Probe, _, _) => FrameLimits.Bare,
            (FrameType.Error, _, _) => FrameLimits.Failure,
            (FrameType.Forward, not null, _) => FrameLimits.Pass(stage.Shard, header.TokenCount),
            (FrameType.Close, not null, _) => FrameLimits.Receipts(stage.Stage, stage.Assignment.Choices),
            (FrameType.Drawn, _, not null) => FrameLimits.Draws(header.TokenCount),
            (FrameType.Progress, _, _) => FrameLimits.Bare + ProgressCodec.Size,
            (FrameType.Closed, _, not null) => FrameLimits.Receipts(edge.Assignment.Hops.Count, edge.Assignment.Choices),
            // The session ended here while the frame was on its way: it is read and dropped.
            _ => from.Trusted ? FrameHeader.MaxFrame : StrangerLimit,
        };
    }

    /// <inheritdoc />
    public void Receive(Frame frame, PeerConnection? from)
    {
        switch (frame.Header.Type)
        {
            case FrameType.Open:
                ReceiveOpen(frame, from);
                break;
            case FrameType.Forward or FrameType.Close or FrameType.Cancel or FrameType.Probe:
                ReceiveDown(frame, from);
                break;
            case FrameType.Error:
                ReceiveError(frame, from);
                break;
            default:
                ReceiveBack(frame, from);
                break;
        }
    }

    /// <inheritdoc />
    public void Broken(PeerConnection link, string reason)
    {
        StageSession[] sessions;
        EdgeRun[] runs;
        lock (gate)
        {
            sessions = [.. stages.Values];
            runs = [.. edges.Values.Where(e => ReferenceEquals(e.Return, link))];
            foreach (var open in held.TakeFrom(link))
                open.Frame.Dispose();
        }

        context.Log.LinkEnded(link.Peer!.Value.Short, reason);
        foreach (var run in runs)
            run.Fail(Unreachable(run.Assignment.Hops.Count - 1, reason));
        foreach (var session in sessions)
        {
            if (ReferenceEquals(session.Return, link))
                session.Cancel();
            else if (ReferenceEquals(session.Downstream, link))
                session.Fail(Unreachable(session.Stage + 1, reason));
            else if (ReferenceEquals(session.Upstream, link))
                session.Fail(Unreachable(session.Stage - 1, reason));
        }
    }

    private static ChainFailure Unreachable(int stage, string reason) =>
        new(FailureCodes.Unreachable, $"The link to stage {stage} ended: {reason}.", stage);

    private void ReceiveOpen(Frame frame, PeerConnection? from)
    {
        var key = (frame.Header.Session, (int)frame.Header.Stage);
        StageSession? session;
        Refusal? refusal;
        bool holding = false;
        lock (gate)
        {
            stages.TryGetValue(key, out session);
            refused.TryGetValue(key, out refusal);
            if (session is null && refusal is null && from is not null && !seen.ContainsKey(key))
                holding = held.TryHold(frame, from);
        }

        if (holding)
            return;
        if (session is not null && IsPrevious(session.Assignment, from))
        {
            if (from is not null)
                from.Trusted = true;
            session.Open(frame, from);
            return;
        }

        if (refusal is not null && IsPrevious(refusal.Assignment, from))
        {
            byte[] payload = JsonSerializer.SerializeToUtf8Bytes(refusal.Failure, ContractsJson.Default.ChainFailure);
            var edge = context.Router.LinkTo(refusal.Assignment.Hops[0]);
            context.Router.TrySend(edge, FrameEncoder.Encode(new FrameHeader(FrameType.Error, key.Session, (ushort)key.Item2), payload));
        }

        frame.Dispose();
    }

    private void ReceiveDown(Frame frame, PeerConnection? from)
    {
        StageSession? session;
        lock (gate)
            stages.TryGetValue((frame.Header.Session, frame.Header.Stage), out session);
        if (session is null || !IsPrevious(session.Assignment, from))
        {
            frame.Dispose();
            return;
        }

        switch (frame.Header.Type)
        {
            case FrameType.Cancel:
                frame.Dispose();
                session.Cancel();
                break;
            case FrameType.Probe:
                frame.Dispose();
                session.Probe();
                break;
            default:
                session.Accept(frame);
                break;
        }
    }

    private void ReceiveBack(Frame frame, PeerConnection? from)
    {
        using (frame)
        {
            EdgeRun? edge;
            lock (gate)
                edges.TryGetValue(frame.Header.Session, out edge);
            if (edge is null)
                return;
            int sender = frame.Header.Type == FrameType.Progress ? frame.Header.Stage : edge.Assignment.Hops.Count - 1;
            if (sender >= edge.Assignment.Hops.Count || PeerOf(from) != edge.Assignment.Hops[sender].CertificateDigest)
                return;
            switch (frame.Header.Type)
            {
                case FrameType.Opened:
                    if (from is not null)
                        from.Trusted = true;
                    edge.Opened(from);
                    break;
                case FrameType.Drawn:
                    edge.Drawn(frame);
                    break;
                case FrameType.Closed:
                    edge.Closed(frame);
                    break;
                case FrameType.Progress:
                    edge.Progress(frame);
                    break;
            }
        }
    }

    private void ReceiveError(Frame frame, PeerConnection? from)
    {
        using (frame)
        {
            EdgeRun? edge;
            StageSession? above;
            lock (gate)
            {
                edges.TryGetValue(frame.Header.Session, out edge);
                above = from is null ? null : stages.Values.FirstOrDefault(s => s.Key == frame.Header.Session && ReferenceEquals(s.Downstream, from));
            }

            if (edge is not null && Blame(frame, edge.Assignment, PeerOf(from)) is { } failure)
                edge.Fail(failure);
            else if (above is not null && Blame(frame, above.Assignment, PeerOf(from)) is { } below)
                above.Fail(below);
        }
    }

    /// <summary>What a stage says went wrong; it can name itself and its neighbours, nobody else. Null when the sender is no stage of the chain.</summary>
    private static ChainFailure? Blame(Frame frame, Assignment assignment, Digest peer)
    {
        int[] stages = [.. Enumerable.Range(0, assignment.Hops.Count).Where(i => assignment.Hops[i].CertificateDigest == peer)];
        if (stages.Length == 0)
            return null;
        ChainFailure? told;
        try
        {
            told = JsonSerializer.Deserialize(frame.Payload.Span, ContractsJson.Default.ChainFailure);
        }
        catch (JsonException)
        {
            told = null;
        }

        if (told is null)
            return new ChainFailure(FailureCodes.Internal, $"Stage {stages[0]} sent a failure that is not readable.", stages[0]);
        bool near = told.Stage is { } stage && stages.Any(s => Math.Abs(s - stage) <= 1);
        return near ? told : told with { Stage = stages[0] };
    }

    private void RefuseUp(HeldOpens.Held open, string message)
    {
        var header = open.Frame.Header;
        byte[] payload = JsonSerializer.SerializeToUtf8Bytes(new ChainFailure(FailureCodes.Refused, message, header.Stage), ContractsJson.Default.ChainFailure);
        open.From.TrySend(FrameEncoder.Encode(new FrameHeader(FrameType.Error, header.Session, header.Stage), payload));
        open.Frame.Dispose();
    }

    private bool IsPrevious(Assignment assignment, PeerConnection? from) =>
        PeerOf(from) == (assignment.Stage == 0 ? self : assignment.Hops[assignment.Stage - 1].CertificateDigest);

    private Digest PeerOf(PeerConnection? from) => from is null ? self : from.Peer!.Value;
}
