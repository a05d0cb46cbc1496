using System.Net;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace Orchestrator.Controller.Cluster;

/// <summary>The API server refused something.</summary>
public sealed class ClusterException(int code, string reason, string message, bool isAnother = false) : Exception(message)
{
    /// <summary>HTTP status.</summary>
    public int Code { get; } = code;

    /// <summary>The server's one-word reason, e.g. <c>Invalid</c>.</summary>
    public string Reason { get; } = reason;

    /// <summary>The resource version is too old: list again.</summary>
    public bool IsExpired => Code == (int)HttpStatusCode.Gone;

    /// <summary>Somebody else wrote in between, or another object has the name by now: the server calls a patch with the old one's uid invalid.</summary>
    public bool IsConflict => Code == (int)HttpStatusCode.Conflict || isAnother;

    /// <summary>Sending the same again will fail again until somebody changes something: 400, 403, 422.</summary>
    public bool IsRefusal => !IsConflict && Code is ((int)HttpStatusCode.BadRequest or (int)HttpStatusCode.Forbidden or (int)HttpStatusCode.UnprocessableEntity);

    /// <summary>From a status document.</summary>
    public static ClusterException Of(V1Status status) => new(
        status.Code ?? 500, status.Reason ?? "Unknown", status.Message ?? status.Reason ?? "The API server gave no reason.",
        status.Details?.Causes?.Any(c => c.Field == "metadata.uid") == true);

    /// <summary>From an answer.</summary>
    public static async Task<ClusterException> OfAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        string text = await response.Content.ReadAsStringAsync(cancel);
        try
        {
            if (KubernetesJson.Deserialize<V1Status>(text) is { Code: not null } status)
                return Of(status);
        }
        catch (JsonException)
        {
            // A proxy answers with a page.
        }

        return new ClusterException((int)response.StatusCode, $"{response.StatusCode}", $"{response.RequestMessage?.Method} {response.RequestMessage?.RequestUri} answered HTTP {(int)response.StatusCode}.");
    }
}
