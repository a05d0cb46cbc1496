using System.Text.Json.Nodes;

namespace Orchestrator.Controller.Tests.Kit;

/// <summary>An answer that is a Status document.</summary>
internal sealed class ApiFailure(int code, string reason, string message) : Exception(message)
{
    public int Code { get; } = code;

    public JsonObject Status() => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = Message,
        ["reason"] = reason,
        ["code"] = Code,
    };

    public static ApiFailure NotFound(string what) => new(404, "NotFound", $"{what} not found");

    public static ApiFailure Conflict(string message) => new(409, "Conflict", message);

    public static ApiFailure Invalid(string what, string cause) => new(422, "Invalid", $"{what} is invalid: {cause}");

    public static ApiFailure Strict(string cause) => new(400, "BadRequest", $"strict decoding error: {cause}");
}
