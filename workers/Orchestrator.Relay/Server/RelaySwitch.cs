using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Orchestrator.Contracts;
using Orchestrator.Relay.Wire;

namespace Orchestrator.Relay.Server;

/// <summary>
/// The relay's rules, whatever carries the connections: who is registered, which calls wait, which streams are spliced. It connects to nothing itself,
/// and to nobody who has not registered.
/// </summary>
internal sealed class RelaySwitch(RelayOptions options, IRelayAdmission admission, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<NodeId, Registration> nodes = [];
    private readonly Dictionary<string, Call> calls = [];
    private readonly Identities identities = new(options, time);
    private readonly Dictionary<(NodeId Dialer, NodeId Target), int> pairs = [];
    private int splices;

    /// <summary>Nodes registered now.</summary>
    public int Nodes
    {
        get
        {
            lock (gate)
                return nodes.Count;
        }
    }

    /// <summary>Calls that wait for their answer.</summary>
    public int Pending
    {
        get
        {
            lock (gate)
                return calls.Count;
        }
    }

    /// <summary>Streams spliced now.</summary>
    public int Splices
    {
        get
        {
            lock (gate)
                return splices;
        }
    }

    /// <summary>Serves a connection whose hello holds, to its end.</summary>
    public Task ServeAsync(RelayConnection connection, RelayHello hello, NodeId signer, CancellationToken cancel)
    {
        Identities.Identity? identity;
        bool paid;
        lock (gate)
        {
            identity = identities.Get(signer);
            // Whoever called has paid for the answer: else callers could use up what a node needs to answer others.
            paid = hello.Role == RelayRole.Answer && calls.TryGetValue(Convert.ToHexString(hello.Token!), out var call) && call.Registration.Node == signer;
        }

        if (identity is null || (identity.Limited && !paid && !identity.Hellos.TryTake(1)))
            return RefuseAsync(connection, RelayCode.Busy, "too many connections of this identity in a short time", cancel);
        return hello.Role switch
        {
            RelayRole.Register => RegisterAsync(connection, signer, cancel),
            RelayRole.Dial => DialAsync(connection, signer, identity, hello, cancel),
            _ => AnswerAsync(connection, signer, hello.Token!, cancel),
        };
    }

    private async Task RegisterAsync(RelayConnection connection, NodeId node, CancellationToken cancel)
    {
        if (!admission.MayRegister(node))
        {
            await RefuseAsync(connection, RelayCode.Forbidden, "the platform does not know this node", cancel);
            return;
        }

        using var registration = new Registration(node, connection, options, admission, time);
        Registration? before;
        bool taken;
        lock (gate)
        {
            // The same key again is the same node after a break that has not shown here yet.
            taken = nodes.TryGetValue(node, out before) || nodes.Count < options.MaxNodes || TryEvict(out before);
            if (taken)
                nodes[node] = registration;
        }

        if (!taken)
        {
            await RefuseAsync(connection, RelayCode.Busy, "no more nodes are taken", cancel);
            return;
        }

        before?.Stop();
        RelayTelemetry.NodeUp();
        try
        {
            await RelayFrames.WriteAsync(connection.Stream, new RelayReply(RelayCode.Accepted), RelayJson.Default.RelayReply, cancel);
            await registration.RunAsync(cancel);
        }
        finally
        {
            RelayTelemetry.NodeDown();
            lock (gate)
            {
                if (nodes.TryGetValue(node, out var now) && ReferenceEquals(now, registration))
                    nodes.Remove(node);
            }
        }
    }

    // Between two pings a node that may not stay any more still has its place.
    private bool TryEvict([NotNullWhen(true)] out Registration? evicted)
    {
        evicted = nodes.Values.FirstOrDefault(r => !admission.MayRegister(r.Node));
        return evicted is not null && nodes.Remove(evicted.Node);
    }

    private async Task DialAsync(RelayConnection connection, NodeId dialer, Identities.Identity identity, RelayHello hello, CancellationToken cancel)
    {
        var target = hello.Target!.Value;
        if (!await admission.MayDialAsync(dialer, target, cancel))
        {
            await RefuseAsync(connection, RelayCode.Forbidden, "the platform does not know who dials", cancel);
            return;
        }

        byte[] token = RandomNumberGenerator.GetBytes(RelayChallenge.Size);
        string name = Convert.ToHexString(token);
        var (call, code, message) = Open(name, dialer, identity, target);
        if (call is null)
        {
            await RefuseAsync(connection, code, message, cancel);
            return;
        }

        RelayConnection? answer = null;
        try
        {
            if (call.Registration.TryNotify(new RelayNotice(token, hello.Port, dialer)))
                answer = await call.Answered.Task.WaitAsync(options.AnswerLimit, time, cancel);
        }
        catch (TimeoutException)
        {
        }
        finally
        {
            answer = Close(name, call) ?? answer;
            if (answer is null)
                Ended(call);
        }

        if (answer is null)
        {
            await RefuseAsync(connection, RelayCode.Expired, "the node did not take the call in time", cancel);
            return;
        }

        await CarryAsync(connection, answer, call, cancel);
    }

    private async Task CarryAsync(RelayConnection dialer, RelayConnection answer, Call call, CancellationToken cancel)
    {
        RelayTelemetry.SpliceUp();
        try
        {
            var accepted = new RelayReply(RelayCode.Accepted);
            await RelayFrames.WriteAsync(answer.Stream, accepted, RelayJson.Default.RelayReply, cancel);
            await RelayFrames.WriteAsync(dialer.Stream, accepted, RelayJson.Default.RelayReply, cancel);
            TokenBucket[] buckets = [.. new[] { call.Dialer, call.Target }.Where(i => i.Limited).Select(i => i.Bytes).Distinct()];
            using var splice = new Splice(dialer, answer, buckets, options.IdleLimit, time, RelayTelemetry.Carried);
            await splice.RunAsync(cancel);
        }
        finally
        {
            RelayTelemetry.SpliceDown();
            Ended(call);
            call.Over.TrySetResult();
        }
    }

    private async Task AnswerAsync(RelayConnection connection, NodeId node, byte[] token, CancellationToken cancel)
    {
        Call? call;
        lock (gate)
        {
            // Shown once, by the node that was called.
            string name = Convert.ToHexString(token);
            if (calls.TryGetValue(name, out call) && call.Registration.Node == node)
                calls.Remove(name);
            else
                call = null;
            call?.Answered.TrySetResult(connection);
        }

        if (call is null)
            await RefuseAsync(connection, RelayCode.Expired, "no call waits for this token", cancel);
        else
            await call.Over.Task.WaitAsync(cancel);
    }

    private (Call? Call, RelayCode Code, string Message) Open(string name, NodeId dialer, Identities.Identity identity, NodeId target)
    {
        lock (gate)
        {
            if (!nodes.TryGetValue(target, out var registration))
                return (null, RelayCode.Unknown, "no such node is connected here");
            if (calls.Count >= options.MaxPending || splices >= options.MaxSplices || identities.Get(target) is not { } called)
                return (null, RelayCode.Busy, "the relay is full");
            // Strangers who fill a node's places must not keep the platform from it.
            if (identity.Limited && (IsFull(identity) || IsFull(called)))
                return (null, RelayCode.Busy, "too many calls or streams at one end");
            var pair = (dialer, target);
            int between = pairs.GetValueOrDefault(pair);
            if (identity.Limited && between >= options.MaxSplicesPerPair)
                return (null, RelayCode.Busy, "too many calls or streams from this dialler to this node");
            var call = new Call(registration, pair, identity, called);
            calls[name] = call;
            pairs[pair] = between + 1;
            identity.Pending++;
            called.Pending++;
            // A place is taken for the stream from now on, so that answers cannot exceed the limit.
            identity.Splices++;
            called.Splices++;
            splices++;
            return (call, RelayCode.Accepted, "");
        }
    }

    private bool IsFull(Identities.Identity identity) =>
        identity.Limited && (identity.Pending >= options.MaxPendingPerIdentity || identity.Splices >= options.MaxSplicesPerIdentity);

    // Ends the wait; an answer that came just before wins.
    private RelayConnection? Close(string name, Call call)
    {
        lock (gate)
        {
            calls.Remove(name);
            call.Dialer.Pending--;
            call.Target.Pending--;
            if (call.Answered.Task.IsCompletedSuccessfully)
                return call.Answered.Task.Result;
            return null;
        }
    }

    private void Ended(Call call)
    {
        lock (gate)
        {
            call.Dialer.Splices--;
            call.Target.Splices--;
            splices--;
            if (--pairs[call.Pair] == 0)
                pairs.Remove(call.Pair);
        }
    }

    private static Task RefuseAsync(RelayConnection connection, RelayCode code, string message, CancellationToken cancel)
    {
        RelayTelemetry.Refused(code);
        return RelayFrames.WriteAsync(connection.Stream, new RelayReply(code, message), RelayJson.Default.RelayReply, cancel);
    }

    private sealed record Call(Registration Registration, (NodeId Dialer, NodeId Target) Pair, Identities.Identity Dialer, Identities.Identity Target)
    {
        public TaskCompletionSource<RelayConnection> Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Over { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
