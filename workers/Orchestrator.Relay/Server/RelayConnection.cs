namespace Orchestrator.Relay.Server;

/// <summary>A connection to the relay, whatever carries it.</summary>
/// <param name="Stream">Bytes both ways; its disposal ends reads and writes that wait.</param>
/// <param name="EndWritesAsync">Tells the far end that nothing more comes, and leaves the other direction open.</param>
internal sealed record RelayConnection(Stream Stream, Func<Task> EndWritesAsync);
