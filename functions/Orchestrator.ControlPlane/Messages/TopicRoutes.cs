using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Messages;

/// <summary>Every topic that the control plane takes.</summary>
public sealed class TopicRoutes(NodeMessages nodes, ResultMessages results, AuditMessages audits)
{
    /// <summary>The table.</summary>
    public IReadOnlyList<TopicRoute> All { get; } =
    [
        new(Topics.Nodes, "messages/nodes", nodes.HandleAsync),
        new(Topics.Results, "messages/results", results.HandleAsync),
        new(Topics.Audits, "messages/audits", audits.HandleAsync),
    ];

    /// <summary>The route of a topic.</summary>
    public TopicRoute Of(string topic) => All.First(r => r.Topic == topic);

    /// <summary>Answers the sidecar's <c>GET /dapr/subscribe</c>, where no endpoint routing does.</summary>
    public Task WriteSubscriptionsAsync(HttpResponse response)
    {
        response.ContentType = "application/json";
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var route in All)
            {
                json.WriteStartObject();
                json.WriteString("topic", route.Topic);
                json.WriteString("pubsubName", Topics.PubSub);
                json.WriteString("route", route.Pattern);
                json.WriteString("deadLetterTopic", route.DeadLetter);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return response.Body.WriteAsync(buffer.ToArray(), response.HttpContext.RequestAborted).AsTask();
    }
}
