namespace Orchestrator.ControlPlane.Http;

/// <summary>The body of every error. All four members are always there: clients lose the message otherwise.</summary>
public sealed record ErrorBody(ErrorDetail Error);

/// <summary>What went wrong.</summary>
/// <param name="Message">For people; names the fix.</param>
/// <param name="Type">Class of error.</param>
/// <param name="Param">Parameter at fault.</param>
/// <param name="Code">Machine-readable reason.</param>
public sealed record ErrorDetail(string Message, string Type, string? Param, string? Code);
