namespace Orchestrator.Cli;

/// <summary>What the process returns.</summary>
public static class ExitCodes
{
    /// <summary>It did what was asked.</summary>
    public const int Success = 0;

    /// <summary>It could not; one line on standard error says why.</summary>
    public const int Failure = 1;

    /// <summary>The command line was wrong; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>A stage that was run again came out otherwise than its receipt says.</summary>
    public const int Differs = 3;

    /// <summary>Interrupted by Ctrl-C or SIGTERM before it was done; what it had started was stopped.</summary>
    public const int Interrupted = 130;
}
