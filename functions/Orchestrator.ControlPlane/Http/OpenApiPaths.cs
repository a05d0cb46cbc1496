using System.Text.RegularExpressions;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Orchestrator.ControlPlane.Http;

/// <summary>Adds what handlers that read routes and bodies by themselves cannot tell by their signature: path parameters, the key, errors.</summary>
internal static partial class OpenApiPaths
{
    private const string Scheme = "bearer";

    public static void Describe(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "Orchestrator", Version = "1", Description = "Verified inference over untrusted hosts. /v1 follows the OpenAI API." };
            // Where this process listens is not where clients reach it. Without an entry, paths are relative to where the document came from.
            document.Servers = [];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(async (operation, context, cancel) =>
        {
            var route = context.Description.ActionDescriptor.EndpointMetadata.OfType<ApiRoute>().FirstOrDefault();
            if (route is null)
                return;
            foreach (Match match in Parameter().Matches(route.Pattern))
            {
                operation.Parameters ??= [];
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = match.Groups[1].Value,
                    In = ParameterLocation.Path,
                    Required = true,
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                });
            }

            // Not by metadata: routing would then refuse bodies that come without a content type.
            if (route.Accepts is { } body)
            {
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = await context.GetOrCreateSchemaAsync(body, null, cancel) } },
                };
            }

            if (route.Access != Access.Anonymous)
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [] }];
        });
    }

    [GeneratedRegex(@"\{([a-z]+)\}")]
    private static partial Regex Parameter();
}
