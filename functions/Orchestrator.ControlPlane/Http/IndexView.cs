namespace Orchestrator.ControlPlane.Http;

/// <summary>What is where, for somebody who opens the base URL.</summary>
/// <param name="Service">Always <c>orchestrator</c>.</param>
/// <param name="OpenAi">Base path for OpenAI clients.</param>
/// <param name="Api">Base path of jobs, models, nodes and accounts.</param>
/// <param name="Openapi">The document that describes both.</param>
public sealed record IndexView(string Service, string OpenAi, string Api, string Openapi);
