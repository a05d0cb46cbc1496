namespace Orchestrator.Drill.Reports;

/// <summary>What a drill showed.</summary>
/// <param name="Seed">Seed.</param>
/// <param name="Stages">Stages of the model.</param>
/// <param name="Nodes">Nodes of each network.</param>
/// <param name="Rows">One per cheat and assurance.</param>
public sealed record DrillReport(int Seed, int Stages, int Nodes, IReadOnlyList<ScenarioReport> Rows)
{
    /// <summary>Everything is as it should be.</summary>
    public bool Ok => Rows.All(r => r.Problems.Count == 0);
}
