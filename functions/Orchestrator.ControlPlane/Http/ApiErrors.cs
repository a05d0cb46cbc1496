namespace Orchestrator.ControlPlane.Http;

/// <summary>The errors of this API, each with one status, type and code.</summary>
public static class ApiErrors
{
    private const string Invalid = "invalid_request_error";

    /// <summary>400: a parameter has a wrong type or value.</summary>
    public static ApiException BadParameter(string? param, string message, string? code = null) =>
        new(400, Invalid, message) { Param = param, Code = code };

    /// <summary>400: a parameter this service does not offer.</summary>
    public static ApiException Unsupported(string param, string message) =>
        new(400, Invalid, message) { Param = param, Code = "unsupported_parameter" };

    /// <summary>400: the prompt and the tokens asked for do not fit.</summary>
    public static ApiException ContextLength(string param, string message) =>
        new(400, Invalid, message) { Param = param, Code = "context_length_exceeded" };

    /// <summary>401.</summary>
    public static ApiException Unauthenticated(string message) =>
        new(401, Invalid, message) { Code = "invalid_api_key" };

    /// <summary>403.</summary>
    public static ApiException Forbidden(string message) =>
        new(403, Invalid, message) { Code = "insufficient_permissions" };

    /// <summary>404; the same whether the thing is missing or another's.</summary>
    public static ApiException NotFound(string message, string code = "not_found", string? param = null) =>
        new(404, Invalid, message) { Code = code, Param = param };

    /// <summary>404 for a model.</summary>
    public static ApiException ModelNotFound(string model) =>
        NotFound($"The model '{model}' does not exist. GET /v1/models lists those that do.", "model_not_found", "model");

    /// <summary>409: what is asked for does not go with how things stand now.</summary>
    public static ApiException Conflict(string message, string code) =>
        new(409, Invalid, message) { Code = code };

    /// <summary>413.</summary>
    public static ApiException TooLarge(long limit) =>
        new(413, Invalid, $"The request body is larger than the limit of {limit} bytes.") { Code = "request_too_large" };

    /// <summary>422: an Idempotency-Key came again with another body.</summary>
    public static ApiException IdempotencyMismatch() =>
        new(422, Invalid, "This Idempotency-Key was used with another request. Use a new key for a new job.") { Code = "idempotency_key_reused" };

    /// <summary>429: the balance does not cover the most the request can cost.</summary>
    public static ApiException InsufficientQuota(long needed, long available) =>
        new(429, "insufficient_quota", $"The request may cost up to {needed} micro-credits and {available} are available. Ask for fewer tokens or add credit.")
        {
            Code = "insufficient_quota",
            RetryAfterSeconds = 60,
        };

    /// <summary>429: too many requests at a time.</summary>
    public static ApiException TooManyRequests(int limit) =>
        new(429, "requests", $"The account already has {limit} requests in progress. Wait for one to end.")
        {
            Code = "rate_limit_exceeded",
            RetryAfterSeconds = 1,
        };

    /// <summary>500 with nothing of the cause.</summary>
    public static ApiException Internal(string message = "The server had an error while processing the request.") =>
        new(500, "server_error", message) { Code = "internal_error" };

    /// <summary>503.</summary>
    public static ApiException Unavailable(string message, string code = "unavailable", int retryAfterSeconds = 2) =>
        new(503, "server_error", message) { Code = code, RetryAfterSeconds = retryAfterSeconds };
}
