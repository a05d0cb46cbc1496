using System.Text.Json.Nodes;

namespace Orchestrator.Controller.Tests.Kit;

/// <summary>An answer that is a Status document.</summary>
internal sealed class ApiFailure(int code, string? reason, string message, ApiCause? cause = null) : Exception(message)
{
    public int Code { get; } = code;

    public string? Reason { get; } = reason;

    public ApiCause? Cause { get; } = cause;

    public JsonObject Status() => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = Message,
        ["reason"] = Reason,
        ["details"] = Cause is null ? null : new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject { ["reason"] = Cause.Reason, ["message"] = Cause.Message, ["field"] = Cause.Field }),
        },
        ["code"] = Code,
    };

    public static ApiFailure NotFound(Place place) => new(404, "NotFound", $"{place} not found");

    public static ApiFailure Conflict(string what, string why) => new(409, "Conflict", $"Operation cannot be fulfilled on {what}: {why}");

    public static ApiFailure Invalid(Place place, string causes) => new(422, "Invalid", $"{place.Typed} is invalid: {causes}");

    /// <summary>A patch with the uid of another object that had the name.</summary>
    public static ApiFailure Another(Place place, string uid)
    {
        string why = $"Invalid value: \"{uid}\": field is immutable";
        return new(422, "Invalid", $"{place.Typed} is invalid: metadata.uid: {why}", new ApiCause("FieldValueInvalid", why, "metadata.uid"));
    }

    public static ApiFailure Undecodable(Place place, string cause) =>
        new(400, "BadRequest", $"{place.Kind.Kind} in version \"{place.Kind.Version}\" cannot be handled as a {place.Kind.Kind}: {cause}");

    /// <summary>A field that the kind does not have, as creates and merges are told.</summary>
    public static UnknownField Unknown(string path) => new(path);
}

/// <summary>Which field is wrong, for programs.</summary>
internal sealed record ApiCause(string Reason, string Message, string Field);

/// <summary>A field that the kind does not have; applies are told in another way than other writes.</summary>
internal sealed class UnknownField(string path) : Exception(path)
{
    public ApiFailure Applied(Place place, string ns) =>
        new(500, null, $"failed to create typed patch object ({ns}/{place.Name}; {place.Kind.Group}/{place.Kind.Version}, Kind={place.Kind.Kind}): .{Message}: field not declared in schema");

    public ApiFailure Written(Place place) => ApiFailure.Undecodable(place, $"strict decoding error: unknown field \"{Message}\"");
}
