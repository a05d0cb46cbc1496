using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Orchestrator.Controller.Cluster;
using Orchestrator.Controller.Diagnostics;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Reconciling;

/// <summary>Tells what happened to a model, in the log and as an event for <c>kubectl describe</c>. The same again is told once.</summary>
public sealed class EventRecorder(ClusterClient cluster, string identity, TimeProvider time, ILogger<EventRecorder> log)
{
    // In bytes, as Go counts.
    private const int LongestNote = 1024;
    private const int MostKept = 4096;

    private readonly ConcurrentDictionary<string, string> last = new();

    /// <summary>Records an event; failing to do so is only logged.</summary>
    public async Task RecordAsync(InferenceModel model, string reason, string message, bool warning, CancellationToken cancel)
    {
        string text = $"{reason}: {message}";
        if (last.Count > MostKept)
            last.Clear();
        if (last.TryGetValue(model.Metadata.Uid, out string? before) && before == text)
            return;
        last[model.Metadata.Uid] = text;
        if (warning)
            log.Problem($"{model.Key()}", reason, message);
        else
            log.Happened($"{model.Key()}", reason, message);
        try
        {
            await cluster.CreateAsync(Kinds.Events, model.Metadata.NamespaceProperty, Body(model, reason, message, warning), cancel);
        }
        catch (Exception e) when (e is ClusterException or HttpRequestException)
        {
            log.EventFailed(reason, $"{model.Key()}", e.Message);
        }
    }

    private static string Cut(string message)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(message);
        if (bytes.Length <= LongestNote)
            return message;
        int end = LongestNote - Encoding.UTF8.GetByteCount("…");
        // Not in the middle of a character.
        while ((bytes[end] & 0xC0) == 0x80)
            end--;
        return Encoding.UTF8.GetString(bytes, 0, end) + "…";
    }

    private JsonObject Body(InferenceModel model, string reason, string message, bool warning) => new()
    {
        ["apiVersion"] = Kinds.Events.ApiVersion,
        ["kind"] = Kinds.Events.Kind,
        ["metadata"] = new JsonObject { ["generateName"] = model.Metadata.Name + "-", ["namespace"] = model.Metadata.NamespaceProperty },
        // Go's MicroTime wants exactly six digits.
        ["eventTime"] = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"),
        ["reportingController"] = $"{Kinds.Group}/controller",
        ["reportingInstance"] = identity,
        ["action"] = "Reconcile",
        ["reason"] = reason,
        ["type"] = warning ? "Warning" : "Normal",
        ["note"] = Cut(message),
        ["regarding"] = new JsonObject
        {
            ["apiVersion"] = Kinds.Models.ApiVersion,
            ["kind"] = Kinds.Models.Kind,
            ["name"] = model.Metadata.Name,
            ["namespace"] = model.Metadata.NamespaceProperty,
            ["uid"] = model.Metadata.Uid,
            ["resourceVersion"] = model.Metadata.ResourceVersion,
        },
    };
}
