using Microsoft.AspNetCore.Routing;
using Orchestrator.Sidecar.Apps;
using Orchestrator.Sidecar.Stores;

namespace Orchestrator.Sidecar.Api;

/// <summary>Secrets and configuration over HTTP.</summary>
internal static class StoreEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, App app, SecretService secrets, ConfigurationService configuration)
    {
        ApiHttp.Map(routes, "GET", "/v1.0/secrets/{store}/bulk", context => ApiHttp.WriteJsonAsync(context, w =>
        {
            w.WriteStartObject();
            foreach (var (key, value) in secrets.GetAll(app.Id, ApiHttp.Value(context, "store")))
            {
                w.WriteStartObject(key);
                w.WriteString(key, value);
                w.WriteEndObject();
            }
            w.WriteEndObject();
        }));
        ApiHttp.Map(routes, "GET", "/v1.0/secrets/{store}/{key}", context => ApiHttp.WriteJsonAsync(context, w =>
        {
            w.WriteStartObject();
            foreach (var (key, value) in secrets.Get(app.Id, ApiHttp.Value(context, "store"), ApiHttp.Value(context, "key")))
            {
                w.WriteString(key, value);
            }
            w.WriteEndObject();
        }));
        ApiHttp.Map(routes, "GET", "/v1.0/configuration/{store}", context => ApiHttp.WriteJsonAsync(context, w =>
        {
            w.WriteStartObject();
            foreach (var (key, value) in configuration.Get(app.Id, ApiHttp.Value(context, "store"), [.. context.Request.Query["key"].Select(k => k ?? "")]))
            {
                w.WriteStartObject(key);
                w.WriteString("value", value);
                w.WriteEndObject();
            }
            w.WriteEndObject();
        }));
    }
}
