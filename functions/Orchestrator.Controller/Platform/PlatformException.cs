namespace Orchestrator.Controller.Platform;

/// <summary>The platform, or the place a model comes from, refused or did not answer.</summary>
/// <param name="reason">One word for conditions and metrics.</param>
/// <param name="message">What went wrong and what helps.</param>
/// <param name="code">The platform's error code; null when there is none.</param>
/// <param name="inner">Cause.</param>
public sealed class PlatformException(string reason, string message, string? code = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Nobody answers.</summary>
    public const string Unreachable = "PlatformUnreachable";

    /// <summary>The API key is missing or not an admin's.</summary>
    public const string Unauthorized = "PlatformUnauthorized";

    /// <summary>It answers with an error.</summary>
    public const string Refused = "PlatformRefused";

    /// <summary>The model cannot be fetched, or is not what its digest says.</summary>
    public const string BadSource = "SourceUnavailable";

    /// <summary>One word for conditions and metrics.</summary>
    public string Reason { get; } = reason;

    /// <summary>The platform's error code.</summary>
    public string? Code { get; } = code;
}
