using Grpc.Core;
using Orchestrator.Contracts;
using Orchestrator.NodeProtocol;

namespace Orchestrator.Worker.Gateway;

/// <summary>One stream of work from one gateway, from hello to its end.</summary>
internal sealed class GatewaySession(GatewayDoor door, TimeProvider time) : IDisposable
{
    // Until the gateway has said its own.
    private static readonly TimeSpan FirstSilence = TimeSpan.FromSeconds(15);

    // Ends publishes and downloads that wait on this gateway.
    private readonly CancellationTokenSource over = new();

    /// <summary>Cancelled when the session is over.</summary>
    public CancellationToken Over => over.Token;

    /// <summary>Connections to the gateway.</summary>
    public GatewayDoor Door => door;

    /// <summary>Takes work until the stream ends.</summary>
    /// <param name="capacity">Deliveries taken at a time.</param>
    /// <param name="opened">Called once the gateway has welcomed the node.</param>
    /// <param name="accept">Takes a message; false when it can never have an effect.</param>
    /// <param name="cancel">The node stops.</param>
    /// <returns>When the gateway sent the node away in order: how long to stay away, and why.</returns>
    /// <exception cref="GatewayException">The gateway fell silent.</exception>
    /// <exception cref="RpcException">The gateway refused or was lost.</exception>
    public async Task<(TimeSpan After, string Reason)> RunAsync(int capacity, Action opened, Func<SignedMessage, bool> accept, CancellationToken cancel)
    {
        using var silence = new CancellationTokenSource(FirstSilence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, silence.Token);
        try
        {
            using var call = door.Calls.Work(await door.HeadersAsync(either.Token), cancellationToken: either.Token);
            await call.RequestStream.WriteAsync(new WorkRequest { Hello = new Hello { Capacity = capacity } }, either.Token);
            var patience = FirstSilence;
            while (await call.ResponseStream.MoveNext(either.Token))
            {
                silence.CancelAfter(patience);
                var reply = call.ResponseStream.Current;
                switch (reply.KindCase)
                {
                    case WorkReply.KindOneofCase.Welcome:
                        patience = TimeSpan.FromMilliseconds(Math.Clamp(reply.Welcome.SilenceMs, 200, 600_000));
                        silence.CancelAfter(patience);
                        opened();
                        break;
                    case WorkReply.KindOneofCase.Delivery:
                        var outcome = Take(reply.Delivery, accept);
                        await call.RequestStream.WriteAsync(new WorkRequest { Settle = new Settle { Lease = reply.Delivery.Lease, Outcome = outcome } }, either.Token);
                        break;
                    case WorkReply.KindOneofCase.Ping:
                        await call.RequestStream.WriteAsync(new WorkRequest { Pong = new Pong() }, either.Token);
                        break;
                    case WorkReply.KindOneofCase.Reconnect:
                        return (TimeSpan.FromMilliseconds(Math.Clamp(reply.Reconnect.AfterMs, 0, 600_000)), reply.Reconnect.Reason);
                    default:
                        // Of a newer gateway; it knows that we may not understand.
                        break;
                }
            }

            throw new GatewayException("the gateway ended the stream");
        }
        catch (Exception e) when (silence.IsCancellationRequested && !cancel.IsCancellationRequested && e is RpcException or OperationCanceledException)
        {
            throw new GatewayException("the gateway fell silent", e);
        }
    }

    /// <summary>Publishes one message; logs in anew once when the token is over.</summary>
    public async Task PublishAsync(string topic, SignedMessage message, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, over.Token);
        var request = new PublishRequest { Topic = topic, Message = Envelopes.Of(message) };
        string token = await door.TokenAsync(either.Token);
        try
        {
            await SendAsync(request, token, either.Token);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unauthenticated)
        {
            door.Distrust(token);
            await SendAsync(request, await door.TokenAsync(either.Token), either.Token);
        }
    }

    public void Dispose()
    {
        over.Cancel();
        door.Dispose();
    }

    private async Task SendAsync(PublishRequest request, string token, CancellationToken cancel) =>
        await door.Calls.PublishAsync(request, new Metadata { { "authorization", $"Bearer {token}" } }, cancellationToken: cancel);

    private static Settle.Types.Outcome Take(Delivery delivery, Func<SignedMessage, bool> accept)
    {
        try
        {
            return accept(Envelopes.Read(delivery.Message)) ? Settle.Types.Outcome.Accepted : Settle.Types.Outcome.Dropped;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return Settle.Types.Outcome.Retry;
        }
    }
}
