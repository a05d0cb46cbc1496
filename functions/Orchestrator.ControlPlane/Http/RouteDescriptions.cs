using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.ControlPlane.Http;

/// <summary>
/// Describes the table of routes for the OpenAPI document. What a host maps it to is its own affair, so that the document is the same in every home.
/// </summary>
/// <param name="services">Where the table is. It is asked for late: a route of it serves this document.</param>
internal sealed class RouteDescriptions(IServiceProvider services) : IApiDescriptionProvider
{
    private static readonly int[] Errors = [400, 401, 404, 429, 503];

    /// <inheritdoc />
    public int Order => 0;

    /// <inheritdoc />
    public void OnProvidersExecuting(ApiDescriptionProviderContext context)
    {
        foreach (var route in services.GetRequiredService<ApiRoutes>().All)
            context.Results.Add(Describe(route));
    }

    /// <inheritdoc />
    public void OnProvidersExecuted(ApiDescriptionProviderContext context)
    {
    }

    private static ApiDescription Describe(ApiRoute route)
    {
        var description = new ApiDescription
        {
            HttpMethod = route.Method,
            RelativePath = route.Pattern,
            ActionDescriptor = new ActionDescriptor
            {
                DisplayName = route.Name,
                // The document groups operations by this; there is one group.
                RouteValues = { ["controller"] = "Orchestrator" },
                EndpointMetadata = [route, new EndpointNameAttribute(route.Name), new EndpointSummaryAttribute(route.Summary)],
            },
        };
        description.SupportedResponseTypes.Add(Answer(route.Success, route.Returns, route.ContentType));
        foreach (int status in Errors)
            description.SupportedResponseTypes.Add(Answer(status, typeof(ErrorBody), "application/json"));
        return description;
    }

    private static ApiResponseType Answer(int status, Type? body, string mediaType) => new()
    {
        StatusCode = status,
        Type = body,
        ApiResponseFormats = body is null ? [] : [new ApiResponseFormat { MediaType = mediaType }],
    };
}
