namespace Orchestrator.Cli;

/// <summary>What a drill of a network of processes showed.</summary>
/// <param name="Ok">Everything came as it had to.</param>
/// <param name="Nodes">Worker processes, the referee not counted.</param>
/// <param name="Rows">One per scenario.</param>
/// <param name="Balance">The trial balance over all its books at the end.</param>
/// <param name="Problems">What is wrong with the network as a whole at the end.</param>
/// <param name="Seconds">How long it took, the start included.</param>
public sealed record NetworkDrillReport(bool Ok, int Nodes, IReadOnlyList<NetworkDrillRow> Rows, string Balance, IReadOnlyList<string> Problems, double Seconds);

/// <summary>What came of one scenario.</summary>
/// <param name="Cheat">The cheat.</param>
/// <param name="Assurance">What jobs asked for.</param>
/// <param name="Node">Name of the process that cheated; null when nobody did.</param>
/// <param name="Stage">The stage it holds.</param>
/// <param name="Jobs">Jobs asked.</param>
/// <param name="Right">Jobs that ended with the uncut model's answer.</param>
/// <param name="Overturned">Jobs whose answer was overturned, and refunded.</param>
/// <param name="Fault">What the cheater was slashed for; null for nothing.</param>
/// <param name="Evidence">Blobs that prove it, all of which the API serves.</param>
/// <param name="Proof">The dispute that it lost, or what the slash says of itself.</param>
/// <param name="Steps">Operators that both parties agreed on before the one in dispute; null without a dispute.</param>
/// <param name="Rounds">Rounds it took to find that; null without a dispute.</param>
/// <param name="Problems">What is not as it has to be; empty when all is.</param>
public sealed record NetworkDrillRow(
    string Cheat,
    string Assurance,
    string? Node,
    int? Stage,
    int Jobs,
    int Right,
    int Overturned,
    string? Fault,
    int Evidence,
    string? Proof,
    long? Steps,
    int? Rounds,
    IReadOnlyList<string> Problems);
