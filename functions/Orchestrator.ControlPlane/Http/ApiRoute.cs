namespace Orchestrator.ControlPlane.Http;

/// <summary>One operation of the HTTP API. A table of these is all a host maps: Kestrel and Azure Functions run the same handlers.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Pattern">Route pattern with simple <c>{name}</c> parameters, without a leading slash.</param>
/// <param name="Name">Operation id.</param>
/// <param name="Summary">One line for the OpenAPI document.</param>
/// <param name="Access">Who may call it.</param>
/// <param name="Handle">The handler.</param>
public sealed record ApiRoute(string Method, string Pattern, string Name, string Summary, Access Access, Func<ApiCall, Task> Handle)
{
    /// <summary>Type of the request body; null for none.</summary>
    public Type? Accepts { get; init; }

    /// <summary>Type of the successful answer's body; null for none.</summary>
    public Type? Returns { get; init; }

    /// <summary>Status of the successful answer.</summary>
    public int Success { get; init; } = 200;

    /// <summary>Media type of a body that is not JSON.</summary>
    public string ContentType { get; init; } = "application/json";
}
