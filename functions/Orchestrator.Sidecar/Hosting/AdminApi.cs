using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Sidecar.Api;

namespace Orchestrator.Sidecar.Hosting;

/// <summary>
/// Lets another process change a running sidecar: <c>GET /admin/apps</c>, <c>PUT|DELETE /admin/apps/{id}</c>,
/// <c>GET|PUT /admin/faults</c>, <c>POST /admin/actors/deactivate</c>. Loopback only; every call needs
/// <c>Authorization: Bearer</c> with the admin token.
/// </summary>
internal sealed class AdminApi : IAsyncDisposable
{
    private const int LargestBodyBytes = 64 * 1024;
    private readonly WebApplication _web;

    private AdminApi(WebApplication web) => _web = web;

    public Uri Address { get; private set; } = null!;

    public static async Task<AdminApi> StartAsync(SidecarHost host, SidecarOptions options, string token, CancellationToken cancel)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(AdminApi).Assembly.GetName().Name });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(options.LoggerFactory);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBodyBytes;
            kestrel.Listen(IPAddress.Loopback, options.AdminPort, l => l.Protocols = HttpProtocols.Http1);
        });
        var web = builder.Build();
        var expected = Encoding.UTF8.GetBytes("Bearer " + token);
        web.Use((context, next) => CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString()))
            ? next(context)
            : ApiHttp.WriteErrorAsync(context, 401, "ERR_UNAUTHENTICATED", "send Authorization: Bearer with the admin token"));
        web.UseRouting();
        Map(web, host);
        var api = new AdminApi(web);
        try
        {
            await web.StartAsync(cancel);
        }
        catch
        {
            await api.DisposeAsync();
            throw;
        }
        api.Address = new Uri(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return api;
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private static void Map(WebApplication web, SidecarHost host)
    {
        ApiHttp.Map(web, "GET", "/admin/apps", context => WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes([.. host.Apps], SidecarJson.Default.SidecarAppArray)));
        ApiHttp.Map(web, "PUT", "/admin/apps/{id}", async context =>
        {
            var app = JsonSerializer.Deserialize(await ApiHttp.ReadBodyAsync(context), SidecarJson.Default.AppOptions)
                ?? throw ApiException.Malformed("body must be the app's options");
            if (app.AppId != ApiHttp.Value(context, "id"))
            {
                throw ApiException.Malformed("appId in the body must be the one in the address");
            }
            try
            {
                var served = await host.AddAppAsync(app, context.RequestAborted);
                await WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes(served, SidecarJson.Default.SidecarApp));
            }
            catch (ArgumentException e)
            {
                throw ApiException.Malformed(e.Message);
            }
            catch (IOException e)
            {
                throw new ApiException(409, Grpc.Core.StatusCode.AlreadyExists, "ERR_PORT_IN_USE", e.Message);
            }
        });
        ApiHttp.Map(web, "DELETE", "/admin/apps/{id}", async context =>
            context.Response.StatusCode = await host.RemoveAppAsync(ApiHttp.Value(context, "id"), context.RequestAborted) ? 204 : 404);
        ApiHttp.Map(web, "GET", "/admin/faults", context => WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes(host.Faults, SidecarJson.Default.FaultOptions)));
        ApiHttp.Map(web, "PUT", "/admin/faults", async context =>
        {
            var faults = JsonSerializer.Deserialize(await ApiHttp.ReadBodyAsync(context), SidecarJson.Default.FaultOptions)
                ?? throw ApiException.Malformed("body must be an object of probabilities");
            if (faults.Problem() is { } problem)
            {
                throw ApiException.Malformed(problem);
            }
            host.Faults = faults;
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
        ApiHttp.Map(web, "POST", "/admin/actors/deactivate", async context =>
        {
            await host.DeactivateActorsAsync();
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
    }

    private static async Task WriteAsync(HttpContext context, byte[] json)
    {
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }
}
