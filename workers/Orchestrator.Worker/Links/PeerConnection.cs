using System.Threading.Channels;
using Orchestrator.Contracts;
using Orchestrator.Contracts.DataPlane;
using Orchestrator.Relay.Paths;
using Orchestrator.Worker.Diagnostics;
using Orchestrator.Worker.Shards;

namespace Orchestrator.Worker.Links;

/// <summary>
/// One TLS stream to a peer whose certificate is known. Frames are sent in order from any thread; a peer that is silent for
/// <see cref="SilenceLimit"/> or too slow to take <see cref="MaxQueuedBytes"/> breaks the link.
/// </summary>
/// <param name="peer">SHA-256 of the certificate the peer must present; null when it is known only once it has connected.</param>
/// <param name="receiver">Where frames go, on this link's own thread.</param>
/// <param name="time">The clock.</param>
public sealed class PeerConnection(Digest? peer, ILinkReceiver receiver, TimeProvider time) : IDisposable
{
    /// <summary>How often the side that dialled asks whether the peer is alive.</summary>
    public static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(2);

    /// <summary>Longest silence from a live peer; also bounds the dial.</summary>
    public static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(15);

    /// <summary>How long a retired link waits for another frame.</summary>
    public static readonly TimeSpan RetiredLimit = TimeSpan.FromMinutes(5);

    /// <summary>Most bytes waiting to be sent.</summary>
    public const long MaxQueuedBytes = 256 << 20;

    // The sender runs inside TrySend when it is idle: an executor writes its own frames without waking another thread.
    private readonly Channel<FrameBuffer> outbox = Channel.CreateUnbounded<FrameBuffer>(
        new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });

    private readonly CancellationTokenSource stop = new();
    private long queuedBytes;
    private long lastHeard = time.GetTimestamp();

    // The thread that reads also works on what it read. One that is held up by a frame is replaced by another that reads on.
    private readonly TaskCompletionSource read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock reading = new();
    private FrameReader? frames;
    private int reader;
    private bool handling;
    private bool heldUp;
    private string? reason;
    private long pingedAt;
    private long sent;
    private long sentBefore;
    private int idle;

    /// <summary>SHA-256 of the certificate the peer presented, or must present; null while it has not connected.</summary>
    public Digest? Peer { get; internal set; } = peer;

    /// <summary>How it gets to the peer, once it is up.</summary>
    public LinkPath? Path { get; private set; }

    /// <summary>Told of round trips, on the side that pings.</summary>
    public Action<LinkPath, TimeSpan>? Measured { get; init; }

    /// <summary>Set when another link takes the new sessions: this one ends once its own have been quiet for <see cref="RetiredLimit"/>.</summary>
    public bool Retired { get; set; }

    /// <summary>Whether the link has ended or is about to.</summary>
    public bool IsBroken => Volatile.Read(ref reason) is not null;

    /// <summary>Set once a session was authorized on this link; strangers may only send small frames.</summary>
    public bool Trusted { get; set; }

    /// <summary>Queues a frame and takes it over; false when the link is broken.</summary>
    public bool TrySend(FrameBuffer frame)
    {
        int length = frame.Length;
        if (Interlocked.Add(ref queuedBytes, length) > MaxQueuedBytes)
            Break("the peer does not take what is sent");
        if (outbox.Writer.TryWrite(frame))
            return true;
        frame.Dispose();
        return false;
    }

    /// <summary>Ends the link; <see cref="RunAsync"/> reports it to the receiver.</summary>
    public void Break(string why)
    {
        Interlocked.CompareExchange(ref reason, why, null);
        outbox.Writer.TryComplete();
        try
        {
            stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
        }
    }

    /// <summary>Runs the link from dial to end; never throws.</summary>
    /// <param name="dial">Opens the stream: where to read, how to write, what to dispose at the end.</param>
    /// <param name="pings">Whether this side asks for signs of life.</param>
    public async Task RunAsync(Func<CancellationToken, Task<LinkStream>> dial, bool pings)
    {
        try
        {
            using var stream = await DialAsync(dial);
            await using var abort = stop.Token.Register(stream.Abort);
            Volatile.Write(ref lastHeard, time.GetTimestamp());
            await using var watch = time.CreateTimer(_ => Watch(pings), null, PingInterval, PingInterval);
            var sending = SendAsync(stream);
            try
            {
                frames = new FrameReader(stream.Input, header => receiver.Limit(header, this));
                lock (reading)
                    StartReader();
                Path = stream.Path;
                WorkerTelemetry.LinkUp(stream.Path);
                try
                {
                    await read.Task;
                }
                finally
                {
                    WorkerTelemetry.LinkDown(stream.Path);
                }

                Break("the peer closed the link");
            }
            catch (Exception e)
            {
                Break(Describe(e));
            }

            await sending;
        }
        catch (Exception e)
        {
            Break(Describe(e));
        }

        while (outbox.Reader.TryRead(out var frame))
            frame.Dispose();
        if (Peer is not null)
            receiver.Broken(this, reason ?? "stopped");
    }

    /// <inheritdoc />
    public void Dispose() => stop.Dispose();

    private async Task<LinkStream> DialAsync(Func<CancellationToken, Task<LinkStream>> dial)
    {
        using var limit = new CancellationTokenSource(SilenceLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, limit.Token);
        try
        {
            return await dial(both.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new TimeoutException($"no connection within {SilenceLimit.TotalSeconds} s");
        }
    }

    private async Task SendAsync(LinkStream stream)
    {
        try
        {
            while (await outbox.Reader.WaitToReadAsync(stop.Token))
            {
                while (outbox.Reader.TryRead(out var frame))
                {
                    using (frame)
                        await stream.WriteAsync(frame.Memory, stop.Token);
                    sent++;
                    WorkerTelemetry.Sent(frame.Length);
                    Interlocked.Add(ref queuedBytes, -frame.Length);
                }
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Break(Describe(e));
        }
    }

    private void StartReader()
    {
        int mine = ++reader;
        (handling, heldUp) = (false, false);
        Task.Factory.StartNew(() => Read(mine), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private void Read(int mine)
    {
        StageExecutor.LendThread();
        try
        {
            while (frames!.Read() is { } frame)
            {
                Volatile.Write(ref lastHeard, time.GetTimestamp());
                lock (reading)
                    handling = true;
                try
                {
                    Handle(frame);
                }
                finally
                {
                    StageExecutor.RunKept();
                }

                lock (reading)
                {
                    if (reader != mine)
                        return;
                    (handling, heldUp) = (false, false);
                }
            }

            read.TrySetResult();
        }
        catch (Exception e)
        {
            read.TrySetException(e);
        }
    }

    private void Handle(Frame frame)
    {
        if (frame.Header.Type is not (FrameType.Ping or FrameType.Pong))
        {
            receiver.Receive(frame, this);
            return;
        }

        if (frame.Header.Type == FrameType.Ping)
            TrySend(FrameEncoder.Encode(new FrameHeader(FrameType.Pong, 0)));
        else if (Interlocked.Exchange(ref pingedAt, 0) is not 0 and var at && Path is { } path)
            Measured?.Invoke(path, time.GetElapsedTime(at));
        frame.Dispose();
    }

    private void Watch(bool pings)
    {
        bool silent = time.GetElapsedTime(Volatile.Read(ref lastHeard)) > SilenceLimit;
        lock (reading)
        {
            if (handling)
            {
                // The silence is ours.
                silent = false;
                if (heldUp)
                    StartReader();
                else
                    heldUp = true;
            }
        }

        if (silent)
            Break($"silent for {SilenceLimit.TotalSeconds} s");
        else if (Retired && IsQuiet())
            Break("another link has taken its place");
        else if (pings)
            Ping();
    }

    // Of its own frames there is one ping for each look.
    private bool IsQuiet()
    {
        long now = Volatile.Read(ref sent);
        idle = now - sentBefore <= 1 ? idle + 1 : 0;
        sentBefore = now;
        return idle * PingInterval > RetiredLimit;
    }

    private void Ping()
    {
        // The first of several that wait is the one that is answered next.
        if (Measured is not null)
            Interlocked.CompareExchange(ref pingedAt, time.GetTimestamp(), 0);
        TrySend(FrameEncoder.Encode(new FrameHeader(FrameType.Ping, 0)));
    }

    private static string Describe(Exception e) => e.InnerException is { } inner ? $"{e.Message} {inner.Message}" : e.Message;
}
