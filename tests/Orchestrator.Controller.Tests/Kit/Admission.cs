using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using Orchestrator.Controller.Resources;
using YamlDotNet.Core;

namespace Orchestrator.Controller.Tests.Kit;

/// <summary>What the API server refuses: unknown fields, bad names, and of our own kind all that its schema and its CEL rules say.</summary>
internal sealed partial class Admission(CrdSchema crd)
{
    private static readonly HashSet<string> MutableInStatefulSets =
        ["replicas", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds", "ordinals"];

    public bool HasStatus(ResourceKind kind) => kind == Kinds.Models || kind == Kinds.StatefulSets || kind == Kinds.Pods || kind == Kinds.DisruptionBudgets;

    /// <summary>The body as it is stored: with defaults.</summary>
    public JsonObject Admit(Place place, JsonObject? before, JsonObject body)
    {
        if (!Label().IsMatch(place.Name) && place.Kind != Kinds.Events)
            throw ApiFailure.Invalid(place, $"metadata.name: Invalid value: \"{place.Name}\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')");
        if (place.Kind == Kinds.Models)
            return crd.Admit(place, before, body);
        string json = body.ToJsonString();
        switch (place.Kind.Kind)
        {
            case "StatefulSet":
                Strict<V1StatefulSet>(json);
                CheckStatefulSet(place, before, KubernetesJson.Deserialize<V1StatefulSet>(json), before?["spec"]?.AsObject(), body["spec"]!.AsObject());
                break;
            case "Pod":
                Strict<V1Pod>(json);
                break;
            case "Service":
                Strict<V1Service>(json);
                break;
            case "ServiceAccount":
                Strict<V1ServiceAccount>(json);
                break;
            case "PodDisruptionBudget":
                Strict<V1PodDisruptionBudget>(json);
                break;
            case "Event":
                Strict<Eventsv1Event>(json);
                CheckEvent(place, body);
                break;
            case "Lease":
                Strict<V1Lease>(json);
                break;
        }

        return body;
    }

    private static void CheckStatefulSet(Place place, JsonObject? before, V1StatefulSet set, JsonObject? oldSpec, JsonObject newSpec)
    {
        var labels = set.Spec.Template.Metadata.Labels;
        if (set.Spec.Selector.MatchLabels.Any(l => !labels.TryGetValue(l.Key, out string? value) || value != l.Value))
            throw ApiFailure.Invalid(place, $"spec.template.metadata.labels: Invalid value: {KubernetesJson.Serialize(labels)}: `selector` does not match template `labels`");
        if (before is null)
            return;
        if (oldSpec!.Select(f => f.Key).Union(newSpec.Select(f => f.Key)).Any(f => !MutableInStatefulSets.Contains(f) && !JsonNode.DeepEquals(oldSpec![f], newSpec[f])))
            throw ApiFailure.Invalid(place, "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
    }

    private static void CheckEvent(Place place, JsonObject body)
    {
        foreach (string field in new[] { "eventTime", "reportingController", "reportingInstance", "action", "reason", "type", "regarding" })
        {
            if (body[field] is null)
                throw ApiFailure.Invalid(place, $"{field}: Required value");
        }

        if (!MicroTime().IsMatch(body["eventTime"]!.GetValue<string>()))
            throw ApiFailure.Undecodable(place, $"parsing time \"{body["eventTime"]}\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse \"Z\" as \".000000\"");
        if (body["note"]!.GetValue<string>().Length > 1024)
            throw ApiFailure.Invalid(place, "message: Invalid value: \"\": can have at most 1024 characters");
    }

    // The client's strict YAML reader knows every field of every kind; JSON is YAML.
    private static void Strict<T>(string json)
    {
        try
        {
            KubernetesYaml.Deserialize<T>(json, strict: true);
        }
        catch (YamlException e)
        {
            string why = e.InnerException?.Message ?? e.Message;
            throw Property().Match(why) is { Success: true } match ? ApiFailure.Unknown(match.Groups["name"].Value) : new ApiFailure(400, "BadRequest", why);
        }
    }

    [GeneratedRegex("Property '(?<name>[^']+)' not found")]
    private static partial Regex Property();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    private static partial Regex Label();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")]
    private static partial Regex MicroTime();
}
