namespace Orchestrator.Cli;

/// <summary>How data is printed.</summary>
public enum OutputFormat
{
    /// <summary>Tables for people.</summary>
    Table,

    /// <summary>One JSON document.</summary>
    Json,
}
