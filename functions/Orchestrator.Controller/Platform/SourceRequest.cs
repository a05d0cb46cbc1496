namespace Orchestrator.Controller.Platform;

/// <summary>What all sources have in common.</summary>
internal static class SourceRequest
{
    public static async Task<HttpResponseMessage> SendAsync(HttpClient http, HttpRequestMessage request, CancellationToken cancel)
    {
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        }
        catch (HttpRequestException e)
        {
            throw new PlatformException(PlatformException.BadSource, $"{request.RequestUri} does not answer: {e.Message}", inner: e);
        }
        finally
        {
            request.Dispose();
        }
    }

    public static PlatformException Failure(HttpResponseMessage response, string fix)
    {
        using (response)
            return new PlatformException(PlatformException.BadSource, $"{response.RequestMessage?.RequestUri} answered HTTP {(int)response.StatusCode}: {fix}.");
    }
}
