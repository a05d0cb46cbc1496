using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Orchestrator.Controller.Tests.Kit;

/// <summary>Open watches, which a test can end, break or send a bookmark to.</summary>
internal sealed class WatchHub(FakeCluster cluster)
{
    private readonly Lock gate = new();
    private readonly HashSet<OpenWatch> open = [];

    /// <summary>Every watch that began: its resource and the version it began from.</summary>
    public TestKit.Recorder<(string Resource, long Since)> Begun { get; } = new();

    /// <summary>Ends watches in order, as their timeout does.</summary>
    public void End() => ForAll(w => w.Ended.Cancel());

    /// <summary>Breaks connections.</summary>
    public void Abort() => ForAll(w => w.Http.Abort());

    /// <summary>Sends the current version to all that allow it.</summary>
    public Task BookmarkAsync()
    {
        List<OpenWatch> all;
        lock (gate)
            all = [.. open.Where(w => w.Bookmarks)];
        return Task.WhenAll(all.Select(w => w.SendAsync("BOOKMARK", new JsonObject
        {
            ["kind"] = w.Request.Place.Kind.Kind,
            ["apiVersion"] = w.Request.Place.Kind.ApiVersion,
            ["metadata"] = new JsonObject { ["resourceVersion"] = $"{cluster.Version}" },
        })));
    }

    public async Task ServeAsync(HttpContext http, ApiRequest request)
    {
        long since = long.Parse(request.Query["resourceVersion"].FirstOrDefault() ?? "0");
        using var watch = new OpenWatch(http, request);
        http.Response.ContentType = "application/json";
        await http.Response.Body.FlushAsync();
        if (!cluster.Knows(since))
        {
            Begun.Add((request.Place.Kind.Plural, since));
            // Not an HTTP error: the stream says so and ends.
            await watch.SendAsync("ERROR", new ApiFailure(410, "Expired", $"too old resource version: {since} ({cluster.Version})").Status());
            return;
        }

        lock (gate)
            open.Add(watch);
        Begun.Add((request.Place.Kind.Plural, since));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(watch.Ended.Token, http.RequestAborted);
        try
        {
            await foreach (var change in cluster.WatchAsync(request.Place.Kind, request.Place.Namespace, since, end.Token))
            {
                if (watch.Tell(change) is { } type)
                    await watch.SendAsync(type, change.Object);
            }
        }
        catch (OperationCanceledException)
        {
            // Ended or broken off.
        }
        finally
        {
            lock (gate)
                open.Remove(watch);
        }
    }

    private void ForAll(Action<OpenWatch> act)
    {
        lock (gate)
        {
            // One that is ended may leave at once.
            foreach (var watch in open.ToList())
                act(watch);
        }
    }

    private sealed class OpenWatch(HttpContext http, ApiRequest request) : IDisposable
    {
        private readonly SemaphoreSlim writing = new(1);
        private readonly HashSet<Place> matching = [];

        public HttpContext Http => http;

        public ApiRequest Request => request;

        public CancellationTokenSource Ended { get; } = new();

        public bool Bookmarks => request.Query["allowWatchBookmarks"] == "true";

        /// <summary>What a change is for this selector: an object that no longer matches is gone for it.</summary>
        public string? Tell(Change change)
        {
            bool matches = request.Matches(change.Object);
            if (change.Type == "DELETED" || !matches)
                return matching.Remove(change.Place) || matches ? "DELETED" : null;
            return matching.Add(change.Place) ? change.Type : "MODIFIED";
        }

        public async Task SendAsync(string type, JsonObject body)
        {
            await writing.WaitAsync();
            try
            {
                await http.Response.WriteAsync(new JsonObject { ["type"] = type, ["object"] = body.DeepClone() }.ToJsonString() + "\n");
                await http.Response.Body.FlushAsync();
            }
            finally
            {
                writing.Release();
            }
        }

        public void Dispose()
        {
            Ended.Dispose();
            writing.Dispose();
        }
    }
}
