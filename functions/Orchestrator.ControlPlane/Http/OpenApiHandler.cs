using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Orchestrator.ControlPlane.Http;

/// <summary><c>GET /openapi/v1.json</c>, behind the same key as everything else.</summary>
public sealed class OpenApiHandler([FromKeyedServices(OpenApiHandler.Document)] IOpenApiDocumentProvider provider)
{
    /// <summary>Name of the document.</summary>
    public const string Document = "v1";

    /// <summary>Writes the document.</summary>
    public async Task GetAsync(ApiCall call)
    {
        var document = await provider.GetOpenApiDocumentAsync(call.Aborted);
        string json = await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, call.Aborted);
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(json);
        call.Http.Response.ContentType = "application/json";
        call.Http.Response.ContentLength = bytes.Length;
        await call.Http.Response.Body.WriteAsync(bytes, call.Aborted);
    }
}
