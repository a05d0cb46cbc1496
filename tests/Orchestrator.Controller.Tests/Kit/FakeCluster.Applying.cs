using System.Text.Json.Nodes;

namespace Orchestrator.Controller.Tests.Kit;

internal sealed partial class FakeCluster
{
    /// <summary>Server-side apply: sets what is sent, drops what this manager no longer sends, and fights or yields to other owners.</summary>
    public JsonObject Apply(Place place, string? subresource, JsonObject body, string manager, bool force)
    {
        try
        {
            return ApplyKnown(place, subresource, body, manager, force);
        }
        catch (UnknownField e)
        {
            throw e.Applied(place, body["metadata"]?["namespace"]?.GetValue<string>() ?? "");
        }
    }

    private JsonObject ApplyKnown(Place place, string? subresource, JsonObject body, string manager, bool force)
    {
        lock (gate)
        {
            body = Copy(body);
            if (!objects.TryGetValue(place, out var stored))
            {
                if (body["metadata"]?["uid"] is { } uid)
                    throw ApiFailure.Conflict($"{place}", $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
                if (subresource is not null)
                    throw ApiFailure.NotFound(place);
                var created = Insert(place, body, OwnerName(manager, null));
                return created;
            }

            bool status = subresource == "status";
            CheckPreconditions(place, stored, body["metadata"]?.AsObject(), uid: !status);
            var leaves = Fields.Of(body).Where(l => l.Key.Split('/')[0] == "status" == status).ToDictionary();
            string owner = OwnerName(manager, subresource);
            CheckConflicts(place, stored, leaves, owner, force);
            var next = Copy(stored.Body);
            foreach (string gone in stored.Owners.GetValueOrDefault(owner, []).Where(p => !leaves.ContainsKey(p) && !OwnedByOthers(stored, owner, p)))
                Fields.Remove(next, gone);
            foreach (var (path, value) in leaves)
                Fields.Set(next, path, value);
            var result = Commit(place, stored, next);
            stored.Owners[owner] = [.. leaves.Keys];
            return result;
        }
    }

    private static void CheckConflicts(Place place, Stored stored, Dictionary<string, JsonNode?> leaves, string owner, bool force)
    {
        var live = Fields.Of(stored.Body);
        var conflicts = leaves.Where(l => live.TryGetValue(l.Key, out var now) && !JsonNode.DeepEquals(now, l.Value) && OwnedByOthers(stored, owner, l.Key)).Select(l => l.Key).ToList();
        if (conflicts.Count > 0 && !force)
            throw Contested(stored, owner, conflicts);
        foreach (var others in stored.Owners.Where(o => o.Key != owner).Select(o => o.Value))
            others.ExceptWith(conflicts);
    }

    private static ApiFailure Contested(Stored stored, string owner, List<string> conflicts)
    {
        string other = $"conflict with \"{stored.Owners.First(o => o.Key != owner && o.Value.Contains(conflicts[0])).Key.Split(' ')[0]}\"";
        string field = "." + conflicts[0].Replace('/', '.');
        return new ApiFailure(409, "Conflict", $"Apply failed with {conflicts.Count} conflict{(conflicts.Count == 1 ? "" : "s")}: {other}: {field}", new ApiCause("FieldManagerConflict", other, field));
    }

    private static bool OwnedByOthers(Stored stored, string owner, string path) => stored.Owners.Any(o => o.Key != owner && o.Value.Contains(path));

    private static string OwnerName(string manager, string? subresource) => subresource is null ? $"{manager} (apply)" : $"{manager} (apply {subresource})";
}
