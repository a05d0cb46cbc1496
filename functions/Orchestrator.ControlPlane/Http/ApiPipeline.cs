using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orchestrator.ControlPlane.Accounts;
using Orchestrator.ControlPlane.Diagnostics;

namespace Orchestrator.ControlPlane.Http;

/// <summary>
/// What every request goes through: request id and timing headers, the API key, the handler, and one shape for every error.
/// </summary>
public sealed partial class ApiPipeline(ApiKeyRing keys, OidcTokens tokens, ControlPlaneOptions options, TimeProvider time, ControlPlaneMetrics metrics, ILogger<ApiPipeline> log)
{
    /// <summary>Runs a route.</summary>
    public async Task RunAsync(HttpContext http, ApiRoute route)
    {
        long started = time.GetTimestamp();
        string request = "req-" + Guid.CreateVersion7(time.GetUtcNow()).ToString("n");
        http.Response.Headers["x-request-id"] = request;
        http.Response.OnStarting(() =>
        {
            http.Response.Headers["openai-processing-ms"] = ((long)time.GetElapsedTime(started).TotalMilliseconds).ToString();
            return Task.CompletedTask;
        });
        try
        {
            await route.Handle(new ApiCall(http, await AuthorizeAsync(http, route.Access), options.MaxBodyBytes));
        }
        catch (ApiException e)
        {
            await FailAsync(http, e);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has gone: there is nobody to answer.
        }
        catch (BadHttpRequestException e)
        {
            await FailAsync(http, e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? ApiErrors.TooLarge(options.MaxBodyBytes)
                : ApiErrors.BadParameter(null, "The request could not be read."));
        }
        catch (IOException) when (http.RequestAborted.IsCancellationRequested)
        {
        }
        catch (HttpRequestException e)
        {
            Unreachable(log, route.Name, request, e.Message);
            await FailAsync(http, ApiErrors.Unavailable("A part of the service is not reachable now. Try again."));
        }
        catch (Exception e)
        {
            Failed(log, e, route.Name, request);
            await FailAsync(http, ApiErrors.Internal($"The server had an error while processing the request. Quote {request} when asking for help."));
        }
        finally
        {
            metrics.Request(route.Name, http.Response.StatusCode, time.GetElapsedTime(started));
        }
    }

    private async ValueTask<Caller> AuthorizeAsync(HttpContext http, Access access)
    {
        if (access == Access.Anonymous)
            return Caller.Nobody;
        string? header = http.Request.Headers.Authorization;
        if (header is null || !header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            throw ApiErrors.Unauthenticated("You didn't provide an API key. Send it as 'Authorization: Bearer KEY'.");
        string bearer = header["Bearer ".Length..].Trim();
        var caller = keys.Find(bearer)
            ?? (tokens.Takes(bearer) ? await tokens.FindAsync(bearer, http.RequestAborted)
                ?? throw ApiErrors.Unauthenticated("The bearer token is not valid here. Check its expiry, issuer, audience and account claim.") : null)
            ?? throw ApiErrors.Unauthenticated("Incorrect API key provided. Check the key, or ask the platform's operator for one.");
        if (access == Access.Admin && caller.Role != Role.Admin)
            throw ApiErrors.Forbidden("This operation needs an API key with the admin role.");
        return caller;
    }

    private static async Task FailAsync(HttpContext http, ApiException error)
    {
        if (http.Response.HasStarted)
        {
            // Clients take a quietly ended body for success; only a broken connection tells them.
            http.Abort();
            return;
        }

        string? request = http.Response.Headers["x-request-id"];
        http.Response.Clear();
        http.Response.Headers["x-request-id"] = request;
        http.Response.StatusCode = error.Status;
        http.Response.ContentType = "application/json";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        if (error.RetryAfterSeconds is { } seconds)
            http.Response.Headers.RetryAfter = seconds.ToString();
        if (error.Status == StatusCodes.Status401Unauthorized)
            http.Response.Headers.WWWAuthenticate = "Bearer";
        if (error.Status == StatusCodes.Status413PayloadTooLarge)
            http.Response.Headers.Connection = "close";
        var body = ApiJson.Bytes(error.Body, ControlPlaneJson.Default.ErrorBody);
        http.Response.ContentLength = body.Length;
        try
        {
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "{Route} failed, request {Request}")]
    private static partial void Failed(ILogger log, Exception exception, string route, string request);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "{Route} could not reach what it needs, request {Request}: {Reason}")]
    private static partial void Unreachable(ILogger log, string route, string request, string reason);
}
