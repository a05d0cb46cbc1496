namespace Orchestrator.Cli;

/// <summary>An expected failure: its message is one line that names the fix.</summary>
public sealed class CliException(string message, int exitCode = ExitCodes.Failure) : Exception(message)
{
    /// <summary>What the process returns.</summary>
    public int ExitCode => exitCode;
}
