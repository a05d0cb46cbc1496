using Microsoft.Extensions.Configuration;
using Orchestrator.ControlPlane;

namespace Orchestrator.Functions;

/// <summary>What only the Functions app asks of its configuration: section <c>Functions</c>.</summary>
public sealed record FunctionsOptions
{
    /// <summary>Start without <c>APP_API_TOKEN</c>, so that whoever reaches the app may pass for the broker that brings what nodes say. Default false.</summary>
    public bool AllowAnyone { get; init; }

    /// <summary>The control plane's options, once it is sure that somebody guards the routes of the sidecar.</summary>
    /// <exception cref="InvalidOperationException">There is no <c>APP_API_TOKEN</c>, and nothing says that there need not be one.</exception>
    public static ControlPlaneOptions Load(IConfiguration configuration)
    {
        var own = configuration.GetSection("Functions").Get<FunctionsOptions>() ?? new FunctionsOptions();
        if (string.IsNullOrEmpty(configuration["APP_API_TOKEN"]) && !own.AllowAnyone)
            throw new InvalidOperationException("APP_API_TOKEN is not set: give the app the token its sidecar sends (dapr.io/app-token-secret), or set Functions:AllowAnyone to true.");
        return configuration.GetSection("ControlPlane").Get<ControlPlaneOptions>() ?? new ControlPlaneOptions();
    }
}
