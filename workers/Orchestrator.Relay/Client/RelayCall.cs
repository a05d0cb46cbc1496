using Orchestrator.Contracts;
using Orchestrator.Relay.Wire;

namespace Orchestrator.Relay.Client;

/// <summary>Somebody reaches this node through its relay.</summary>
/// <param name="Port">The door asked for.</param>
/// <param name="From">Who dials, as the relay says: not proven.</param>
/// <param name="Link">The bytes; whoever handles the call closes it.</param>
public sealed record RelayCall(RelayPort Port, NodeId From, RelayLink Link);
