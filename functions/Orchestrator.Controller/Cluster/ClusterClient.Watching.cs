using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using k8s;
using k8s.Models;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Cluster;

public sealed partial class ClusterClient
{
    private const int PageSize = 500;

    // Beyond what the server was asked for: it ends watches itself unless the connection is dead.
    private static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(30);

    /// <summary>All objects, and the version that a watch goes on from.</summary>
    public async Task<(IReadOnlyList<T> Items, string Version)> ListAsync<T>(ResourceKind kind, string @namespace, string selector, CancellationToken cancel)
    {
        List<T> items = [];
        string next = "";
        while (true)
        {
            string query = $"?limit={PageSize}{Selector(selector)}" + (next.Length == 0 ? "" : $"&continue={Uri.EscapeDataString(next)}");
            var page = await SendAsync<ListPage<T>>(HttpMethod.Get, kind.Path(@namespace) + query, null, null, cancel);
            items.AddRange(page.Items);
            next = page.Metadata.ContinueProperty ?? "";
            if (next.Length == 0)
                return (items, page.Metadata.ResourceVersion);
        }
    }

    /// <summary>Changes since a version, until the server ends the stream.</summary>
    /// <exception cref="ClusterException">The version is too old (<see cref="ClusterException.IsExpired"/>), or the server reports another failure.</exception>
    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        ResourceKind kind, string @namespace, string selector, string version, TimeSpan timeout, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(timeout + DeadAfter, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        string query = $"?watch=true&allowWatchBookmarks=true&resourceVersion={Uri.EscapeDataString(version)}&timeoutSeconds={(int)timeout.TotalSeconds}{Selector(selector)}";
        using var response = await OpenAsync(HttpMethod.Get, kind.Path(@namespace) + query, null, null, HttpCompletionOption.ResponseHeadersRead, both.Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(both.Token), Encoding.UTF8);
        while (await ReadLineAsync(reader, both.Token, cancel) is { } line)
        {
            if (line.Length > 0)
                yield return Parse<T>(line);
        }
    }

    private static async Task<string?> ReadLineAsync(StreamReader reader, CancellationToken both, CancellationToken cancel)
    {
        try
        {
            return await reader.ReadLineAsync(both);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
    }

    private static WatchEvent<T> Parse<T>(string line)
    {
        using var document = JsonDocument.Parse(line);
        var body = document.RootElement.GetProperty("object");
        string type = document.RootElement.GetProperty("type").GetString() ?? "";
        if (type == "ERROR")
            throw ClusterException.Of(KubernetesJson.Deserialize<V1Status>(body));
        string version = body.GetProperty("metadata").GetProperty("resourceVersion").GetString() ?? "";
        return type switch
        {
            "ADDED" or "MODIFIED" => new(WatchChange.Put, version, KubernetesJson.Deserialize<T>(body)),
            "DELETED" => new(WatchChange.Deleted, version, KubernetesJson.Deserialize<T>(body)),
            "BOOKMARK" => new(WatchChange.Bookmark, version, default),
            _ => throw new JsonException($"The API server sent a watch event of the unknown type '{type}'."),
        };
    }

    private static string Selector(string selector) => selector.Length == 0 ? "" : $"&labelSelector={Uri.EscapeDataString(selector)}";

    private sealed class ListPage<T>
    {
        public V1ListMeta Metadata { get; set; } = new();

        public IReadOnlyList<T> Items { get; set; } = [];
    }
}

/// <summary>What a watch tells.</summary>
/// <param name="Change">What happened.</param>
/// <param name="Version">Version to go on from.</param>
/// <param name="Item">The object; null for a bookmark.</param>
public readonly record struct WatchEvent<T>(WatchChange Change, string Version, T? Item);

/// <summary>Kinds of watch events.</summary>
public enum WatchChange
{
    /// <summary>The object is new or changed.</summary>
    Put,

    /// <summary>The object is gone.</summary>
    Deleted,

    /// <summary>Nothing happened up to this version.</summary>
    Bookmark,
}
