namespace Orchestrator.Cli;

/// <summary>One thing <c>doctor</c> looked at.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="State">How it stands.</param>
/// <param name="Detail">What was seen; for warnings and errors, what to do.</param>
public sealed record Check(string Name, CheckState State, string Detail);

/// <summary>How a check ended.</summary>
public enum CheckState
{
    /// <summary>Fine.</summary>
    Ok,

    /// <summary>Works, with a limit worth knowing.</summary>
    Warning,

    /// <summary>Something will not work until it is mended.</summary>
    Error,
}
