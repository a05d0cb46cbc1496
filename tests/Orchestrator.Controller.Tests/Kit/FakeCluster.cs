using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Tests.Kit;

/// <summary>
/// What an API server and its garbage collector do with objects: resource versions, generations, field managers, the status subresource, finalizers, owners,
/// a history that can be compacted. Rules of kinds are in <see cref="Admission"/>.
/// </summary>
internal sealed partial class FakeCluster(Admission admission)
{
    private readonly Lock gate = new();
    private readonly Dictionary<Place, Stored> objects = [];
    private readonly List<Change> history = [];
    private TaskCompletionSource changed = NewSignal();
    private long version = 100;
    private long compacted;
    private int names;

    public DateTimeOffset Now { get; set; } = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    public JsonObject? Find(ResourceKind kind, string ns, string name)
    {
        lock (gate)
            return objects.TryGetValue(new(kind, ns, name), out var found) ? Copy(found.Body) : null;
    }

    public (List<JsonObject> Items, long Version) List(ResourceKind kind, string ns)
    {
        lock (gate)
            return ([.. objects.Where(o => o.Key.Kind == kind && (ns.Length == 0 || o.Key.Namespace == ns)).OrderBy(o => o.Key.Name, StringComparer.Ordinal).Select(o => Copy(o.Value.Body))], version);
    }

    public JsonObject Create(ResourceKind kind, string ns, JsonObject body, string manager)
    {
        lock (gate)
        {
            body = Copy(body);
            var metadata = body["metadata"]!.AsObject();
            if (metadata["name"] is null && metadata["generateName"] is { } prefix)
                metadata["name"] = $"{prefix}{names++:x5}";
            var place = new Place(kind, ns, metadata["name"]!.GetValue<string>());
            if (objects.ContainsKey(place))
                throw new ApiFailure(409, "AlreadyExists", $"{place} already exists");
            return Insert(place, body, manager);
        }
    }

    /// <summary>PUT, with the resource version that was read.</summary>
    public JsonObject Replace(Place place, JsonObject body, string manager) => Write(place, stored =>
    {
        CheckPreconditions(place, stored, body["metadata"]?.AsObject());
        var next = Copy(body);
        if (stored.Body["status"] is { } status && admission.HasStatus(place.Kind))
            next["status"] = status.DeepClone();
        return next;
    }, manager);

    /// <summary>JSON merge patch.</summary>
    public JsonObject Merge(Place place, JsonObject patch, string manager) => Write(place, stored =>
    {
        CheckPreconditions(place, stored, patch["metadata"]?.AsObject());
        var next = Copy(stored.Body);
        MergeInto(next, patch);
        if (admission.HasStatus(place.Kind))
            next.Remove("status");
        if (admission.HasStatus(place.Kind) && stored.Body["status"] is { } status)
            next["status"] = status.DeepClone();
        return next;
    }, manager);

    /// <summary>Somebody changes an object: a person with kubectl, another controller, the kubelet.</summary>
    public JsonObject Edit(ResourceKind kind, string ns, string name, string manager, Action<JsonObject> edit) => Write(new(kind, ns, name), stored =>
    {
        var next = Copy(stored.Body);
        edit(next);
        return next;
    }, manager);

    public void Delete(Place place, string? uid = null)
    {
        lock (gate)
        {
            if (!objects.TryGetValue(place, out var stored))
                throw ApiFailure.NotFound(place);
            if (uid is not null && stored.Metadata["uid"]!.GetValue<string>() != uid)
                throw ApiFailure.Conflict(place.Typed, $"the UID in the precondition ({uid}) does not match the UID in record ({stored.Metadata["uid"]}). The object might have been deleted and then recreated");
            if (stored.Metadata["finalizers"] is JsonArray { Count: > 0 })
            {
                if (stored.Metadata["deletionTimestamp"] is not null)
                    return;
                stored.Body = Copy(stored.Body);
                stored.Metadata["deletionTimestamp"] = Time();
                stored.Metadata["deletionGracePeriodSeconds"] = 0;
                NextGeneration(stored, stored.Metadata);
                Touch(stored, "MODIFIED", place);
                return;
            }

            Remove(place, stored);
        }
    }

    private JsonObject Insert(Place place, JsonObject body, string manager)
    {
        HashSet<string> owned = [.. Fields.Of(body).Keys];
        if (admission.HasStatus(place.Kind))
            body.Remove("status");
        body["apiVersion"] = place.Kind.ApiVersion;
        body["kind"] = place.Kind.Kind;
        body = admission.Admit(place, null, body);
        var metadata = body["metadata"]!.AsObject();
        metadata.Remove("resourceVersion");
        metadata["namespace"] = place.Namespace;
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Time();
        metadata["generation"] = 1L;
        var stored = new Stored(body);
        stored.Owners[manager] = owned;
        objects[place] = stored;
        Touch(stored, "ADDED", place);
        if (OwnersOf(stored) is { Count: > 0 } owners && owners.All(uid => objects.Values.All(o => o.Metadata["uid"]!.GetValue<string>() != uid)))
            Remove(place, stored);
        return Copy(body);
    }

    private JsonObject Write(Place place, Func<Stored, JsonObject> next, string manager)
    {
        lock (gate)
        {
            if (!objects.TryGetValue(place, out var stored))
                throw ApiFailure.NotFound(place);
            var before = Fields.Of(stored.Body);
            var result = Commit(place, stored, next(stored));
            var owned = stored.Owners.TryGetValue(manager, out var known) ? known : stored.Owners[manager] = [];
            foreach (var (path, value) in Fields.Of(stored.Body).Where(l => !before.TryGetValue(l.Key, out var old) || !JsonNode.DeepEquals(old, l.Value)))
            {
                foreach (var others in stored.Owners.Values)
                    others.Remove(path);
                owned.Add(path);
            }

            return result;
        }
    }

    private JsonObject Commit(Place place, Stored stored, JsonObject next)
    {
        KeepSystemFields(stored, next);
        CheckFinalizers(place, stored, next);
        next = admission.Admit(place, stored.Body, next);
        if (JsonNode.DeepEquals(Normal(stored.Body), Normal(next)))
            return Copy(stored.Body);
        if (!JsonNode.DeepEquals(stored.Body["spec"], next["spec"]))
            NextGeneration(stored, next["metadata"]!);
        stored.Body = next;
        if (stored.Metadata["deletionTimestamp"] is not null && stored.Metadata["finalizers"] is not JsonArray { Count: > 0 })
        {
            Remove(place, stored);
            return Copy(next);
        }

        Touch(stored, "MODIFIED", place);
        return Copy(stored.Body);
    }

    private void Remove(Place place, Stored stored)
    {
        objects.Remove(place);
        stored.Body = Copy(stored.Body);
        Touch(stored, "DELETED", place);
        string uid = stored.Metadata["uid"]!.GetValue<string>();
        foreach (var (dependent, _) in objects.Where(o => OwnersOf(o.Value).Contains(uid)).ToList())
            Delete(dependent);
    }

    private void Touch(Stored stored, string type, Place place)
    {
        stored.Metadata["resourceVersion"] = (++version).ToString(CultureInfo.InvariantCulture);
        history.Add(new Change(version, type, place, Copy(stored.Body)));
        var wake = changed;
        changed = NewSignal();
        wake.TrySetResult();
    }

    private static void NextGeneration(Stored stored, JsonNode metadata) => metadata["generation"] = (stored.Metadata["generation"]?.GetValue<long>() ?? 0) + 1;

    private string Time() => Now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");

    private static HashSet<string> OwnersOf(Stored stored) =>
        [.. (stored.Metadata["ownerReferences"] as JsonArray ?? []).Select(o => o!["uid"]!.GetValue<string>())];

    private static void CheckPreconditions(Place place, Stored stored, JsonObject? metadata, bool uid = true)
    {
        if (Differs("resourceVersion"))
            throw ApiFailure.Conflict($"{place}", "the object has been modified; please apply your changes to the latest version and try again");
        if (uid && Differs("uid"))
            throw ApiFailure.Another(place, metadata!["uid"]!.GetValue<string>());
        bool Differs(string field) => metadata?[field] is { } wanted && wanted.GetValue<string>() != stored.Metadata[field]!.GetValue<string>();
    }

    private static void CheckFinalizers(Place place, Stored stored, JsonObject next)
    {
        var added = Finalizers(next).Except(Finalizers(stored.Body)).ToList();
        if (stored.Metadata["deletionTimestamp"] is null || added.Count == 0)
            return;
        string why = $"Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Select(f => $"\"{f}\""))}}}";
        throw new ApiFailure(422, "Invalid", $"{place.Typed} is invalid: metadata.finalizers: {why}", new ApiCause("FieldValueForbidden", why, "metadata.finalizers"));
        static IEnumerable<string> Finalizers(JsonObject body) => (body["metadata"]!["finalizers"] as JsonArray ?? []).Select(f => f!.GetValue<string>());
    }

    private static void KeepSystemFields(Stored stored, JsonObject next)
    {
        foreach (string field in new[] { "name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "resourceVersion" })
            next["metadata"]![field] = stored.Metadata[field]?.DeepClone();
        foreach (string field in new[] { "deletionTimestamp", "deletionGracePeriodSeconds" }.Where(f => stored.Metadata[f] is null))
            next["metadata"]!.AsObject().Remove(field);
    }

    private static JsonObject Normal(JsonObject body)
    {
        var copy = Copy(body);
        copy["metadata"]!.AsObject().Remove("resourceVersion");
        return copy;
    }

    private static void MergeInto(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
                target.Remove(name);
            else if (value is JsonObject inner && target[name] is JsonObject there)
                MergeInto(there, inner);
            else
                target[name] = value.DeepClone();
        }
    }

    // Through text: numbers that tests built read as any integer type afterwards.
    private static JsonObject Copy(JsonObject body) => JsonNode.Parse(body.ToJsonString())!.AsObject();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
