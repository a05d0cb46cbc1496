using Grpc.Core;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Diagnostics;
using Orchestrator.Gateway.Hosting;

namespace Orchestrator.Gateway.Nodes;

/// <summary>The streams that are up: one per node, the newest; at most so many in all, of nodes that are not registered, and from one address.</summary>
/// <param name="options">The limits.</param>
/// <param name="isRegistered">Whether the control plane knows a node; asked only when places are short.</param>
/// <param name="random">For the pauses of nodes that are sent away.</param>
/// <param name="time">The clock.</param>
internal sealed class NodeTable(GatewayOptions options, Func<NodeId, CancellationToken, ValueTask<bool>> isRegistered, Random random, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<NodeId, NodeSession> sessions = [];
    private readonly AddressPlaces places = new(options.MaxNodesPerAddress);
    private readonly FreshKeys fresh = new(options.NewNodesPerAddress, options.NewNodes, time);
    private readonly Strangers strangers = new(options.PlacesForStrangers);
    private bool draining;

    /// <summary>Nodes with a stream.</summary>
    public int Count
    {
        get
        {
            lock (gate)
                return sessions.Count;
        }
    }

    /// <summary>The gateway stops.</summary>
    public bool Draining
    {
        get
        {
            lock (gate)
                return draining;
        }
    }

    /// <summary>Whether the node's stream is here.</summary>
    public bool Has(NodeId node)
    {
        lock (gate)
            return sessions.ContainsKey(node);
    }

    /// <summary>Takes a stream in; an older one of the same node ends.</summary>
    /// <exception cref="RpcException">The gateway is full, has enough of the address, of strangers or of new nodes, or stops.</exception>
    public async Task EnterAsync(NodeSession session, CancellationToken cancel)
    {
        if (Admit(session, registered: false, out var older) is not null)
        {
            bool registered = await isRegistered(session.Node, cancel);
            if (!registered)
                await MakeRoomAsync(cancel);
            if (Admit(session, registered, out older) is { } refusal)
                throw refusal;
        }

        if (older is null)
            GatewayTelemetry.Nodes(1);
        else
            await older.EndAsync("another stream of this node took over: if this repeats, two workers use one key file", options.Silence);
    }

    /// <summary>A stream has ended.</summary>
    public void Leave(NodeSession session)
    {
        lock (gate)
        {
            if (!sessions.TryGetValue(session.Node, out var current) || current != session)
                return;
            sessions.Remove(session.Node);
            places.GiveBack(session.Address);
            fresh.Leave(session.Node);
            strangers.Leave(session.Node);
        }

        GatewayTelemetry.Nodes(-1);
    }

    /// <summary>Takes no more streams and sends the nodes away, each after its own pause.</summary>
    public async Task DrainAsync()
    {
        NodeSession[] all;
        lock (gate)
        {
            draining = true;
            all = [.. sessions.Values];
        }

        await Task.WhenAll(all.Select(s => s.DrainAsync("this gateway stops", options.DrainGrace, options.ReconnectSpread * Draw())));
    }

    /// <summary>Null when it is in; else why only a registered node may come in now.</summary>
    private RpcException? Admit(NodeSession session, bool registered, out NodeSession? older)
    {
        lock (gate)
        {
            if (draining)
                throw new RpcException(new Status(StatusCode.Unavailable, "this gateway stops: connect again to reach another"));
            if (!sessions.TryGetValue(session.Node, out older) && sessions.Count >= options.MaxNodes)
                throw new RpcException(new Status(StatusCode.ResourceExhausted, $"this gateway has its {options.MaxNodes} nodes: connect again to reach another, or raise Gateway:MaxNodes"));
            bool isStranger = older is null && !registered;
            if (isStranger && strangers.AreFull)
            {
                return new RpcException(new Status(
                    StatusCode.ResourceExhausted,
                    $"this gateway keeps {options.MaxNodes - options.PlacesForStrangers} of its {options.MaxNodes} places for registered nodes, and the others are taken: connect again to reach another, or have its operator raise Gateway:MaxNodes or lower Gateway:RegisteredShare"));
            }

            if (!session.Address.Equals(older?.Address))
            {
                if (!places.TryTake(session.Address))
                {
                    throw new RpcException(new Status(
                        StatusCode.ResourceExhausted,
                        $"this gateway has {options.MaxNodesPerAddress} nodes from this address: connect again to reach another, or have its operator raise Gateway:MaxNodesPerAddress"));
                }

                if (older is not null)
                    places.GiveBack(older.Address);
            }

            if (isStranger && !fresh.TryEnter(session.Node, session.Address, out var wait, out bool ofAddress))
            {
                places.GiveBack(session.Address);
                return new RpcException(new Status(StatusCode.ResourceExhausted, ofAddress
                    ? $"{options.NewNodesPerAddress} nodes of this address were new here within the hour: connect again in {wait.TotalMinutes:0.#} min, or have the gateway's operator raise Gateway:NewNodesPerAddress"
                    : $"{options.NewNodes} nodes were new here within the hour: connect again in {wait.TotalMinutes:0.#} min, or have the gateway's operator raise Gateway:NewNodes"));
            }

            if (isStranger)
                strangers.Enter(session.Node);
            sessions[session.Node] = session;
            return null;
        }
    }

    // Whoever came as a stranger may have registered since.
    private async Task MakeRoomAsync(CancellationToken cancel)
    {
        NodeId next;
        lock (gate)
        {
            if (!strangers.AreFull)
                return;
            next = strangers.Next();
        }

        if (!await isRegistered(next, cancel))
            return;
        lock (gate)
            strangers.Leave(next);
    }

    private double Draw()
    {
        lock (random)
            return random.NextDouble();
    }
}
