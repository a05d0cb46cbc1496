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

    /// <summary>Runs a transfer that must end in time; one that does not, or breaks off, is the source's failure.</summary>
    public static async Task<T> InTimeAsync<T>(Uri source, TimeSpan patience, TimeProvider time, Func<CancellationToken, Task<T>> transfer, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancel);
        try
        {
            return await transfer(both.Token);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new PlatformException(PlatformException.BadSource, $"{source} sends nothing for {patience.TotalSeconds} s: it is tried again.", inner: e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new PlatformException(PlatformException.BadSource, $"{source} broke off: {e.Message}", inner: e);
        }
    }

    public static PlatformException Failure(HttpResponseMessage response, string fix)
    {
        using (response)
            return new PlatformException(PlatformException.BadSource, $"{response.RequestMessage?.RequestUri} answered HTTP {(int)response.StatusCode}: {fix}.");
    }
}
