using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using k8s;
using k8s.Models;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Cluster;

/// <summary>
/// Requests to the API server, alike for every kind, over the connection and the credentials of <see cref="Kubernetes"/>. Writes are server-side applies under one
/// field manager: what is sent is all that the controller owns, and fields that are no longer sent go away.
/// </summary>
public sealed partial class ClusterClient(Kubernetes kubernetes, TimeProvider time)
{
    /// <summary>Owner of what the controller applies.</summary>
    public const string FieldManager = "orchestrator-controller";

    private const string ApplyQuery = $"?fieldManager={FieldManager}&force=true&fieldValidation=Strict";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>One object; null when there is none.</summary>
    public async Task<T?> GetAsync<T>(ResourceKind kind, string? @namespace, string name, CancellationToken cancel)
        where T : class
    {
        try
        {
            return await SendAsync<T>(HttpMethod.Get, kind.Path(@namespace, name), null, null, cancel);
        }
        catch (ClusterException e) when (e.Code == (int)HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Creates an object under a name that the server completes.</summary>
    public Task<T> CreateAsync<T>(ResourceKind kind, string @namespace, T body, CancellationToken cancel) =>
        SendAsync<T>(HttpMethod.Post, kind.Path(@namespace) + $"?fieldManager={FieldManager}&fieldValidation=Strict", body, "application/json", cancel);

    /// <summary>Makes an object what <paramref name="body"/> says, or creates it.</summary>
    public Task<T> ApplyAsync<T>(ResourceKind kind, string @namespace, string name, object body, CancellationToken cancel) =>
        SendAsync<T>(HttpMethod.Patch, kind.Path(@namespace, name) + ApplyQuery, body, "application/apply-patch+yaml", cancel);

    /// <summary>The same for the status, which is a document of its own.</summary>
    public Task<T> ApplyStatusAsync<T>(ResourceKind kind, string @namespace, string name, object body, CancellationToken cancel) =>
        SendAsync<T>(HttpMethod.Patch, kind.Path(@namespace, name, "status") + ApplyQuery, body, "application/apply-patch+yaml", cancel);

    /// <summary>Changes what <paramref name="body"/> names; with a resource version in it, only if nobody else wrote since.</summary>
    public Task<T> MergeAsync<T>(ResourceKind kind, string @namespace, string name, object body, CancellationToken cancel) =>
        SendAsync<T>(HttpMethod.Patch, kind.Path(@namespace, name) + $"?fieldManager={FieldManager}&fieldValidation=Strict", body, "application/merge-patch+json", cancel);

    /// <summary>Deletes this very object, not a later one of its name; its own objects go later. Nothing happens when it is gone.</summary>
    public async Task DeleteAsync(ResourceKind kind, string @namespace, string name, string uid, CancellationToken cancel)
    {
        var options = new V1DeleteOptions { PropagationPolicy = "Background", Preconditions = new V1Preconditions { Uid = uid } };
        try
        {
            // The answer is a status or the object, depending on what remains to be done.
            await SendAsync<JsonElement>(HttpMethod.Delete, kind.Path(@namespace, name), options, "application/json", cancel);
        }
        catch (ClusterException e) when (e.Code == (int)HttpStatusCode.NotFound || e.IsConflict)
        {
            // Gone, or another object has its name by now.
        }
    }

    private async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, string? contentType, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            using var response = await OpenAsync(method, path, body, contentType, HttpCompletionOption.ResponseContentRead, both.Token);
            return KubernetesJson.Deserialize<T>(await response.Content.ReadAsStringAsync(both.Token));
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new HttpRequestException($"The API server did not answer {method} {path} within {Timeout.TotalSeconds} s.", e);
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(
        HttpMethod method, string path, object? body, string? contentType, HttpCompletionOption completion, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, new Uri(kubernetes.BaseUri, path));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (body is not null)
            request.Content = new StringContent(KubernetesJson.Serialize(body), Encoding.UTF8, new MediaTypeHeaderValue(contentType!));
        if (kubernetes.Credentials is { } credentials)
            await credentials.ProcessHttpRequestAsync(request, cancel);
        var response = await kubernetes.HttpClient.SendAsync(request, completion, cancel);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw await ClusterException.OfAsync(response, cancel);
    }
}
