namespace Orchestrator.ControlPlane.Http;

/// <summary>A request that cannot be served, as the client is told. The message reaches the client: it names the fix and no internals.</summary>
/// <param name="status">HTTP status, 400 to 503; never 409 on inference calls, because some clients retry it.</param>
/// <param name="type">OpenAI error type.</param>
/// <param name="message">For people.</param>
public sealed class ApiException(int status, string type, string message) : Exception(message)
{
    /// <summary>HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>OpenAI error type.</summary>
    public string Type { get; } = type;

    /// <summary>Name of the parameter at fault.</summary>
    public string? Param { get; init; }

    /// <summary>Machine-readable reason.</summary>
    public string? Code { get; init; }

    /// <summary>Whole seconds to wait; sent on every 429 and 503, because clients without it retry at once.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>What is written as the body.</summary>
    public ErrorBody Body => new(new ErrorDetail(Message, Type, Param, Code));
}
