using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Tests.Kit;

/// <summary>What a request asks for.</summary>
internal sealed record ApiRequest(Place Place, string? Subresource, string Method, IQueryCollection Query, string? ContentType)
{
    public bool Watch => Method == "GET" && Query["watch"] == "true";

    public bool Force => Query["force"] == "true";

    public string Manager => Query["fieldManager"].FirstOrDefault() ?? "unknown";

    public string? Continue => Query["continue"].FirstOrDefault();

    public int Limit => int.TryParse(Query["limit"], out int limit) ? limit : int.MaxValue;

    public static ApiRequest Parse(HttpRequest request, IEnumerable<ResourceKind> kinds)
    {
        var steps = new Queue<string>(request.Path.Value!.Trim('/').Split('/').Select(Uri.UnescapeDataString));
        bool core = steps.Dequeue() == "api";
        string @group = core ? "" : steps.Dequeue();
        string version = steps.Dequeue();
        string ns = "";
        if (steps.Peek() == "namespaces")
        {
            steps.Dequeue();
            ns = steps.Dequeue();
        }

        string plural = steps.Dequeue();
        var kind = kinds.FirstOrDefault(k => k.Group == @group && k.Version == version && k.Plural == plural) ?? throw new ApiFailure(404, "NotFound", "the server could not find the requested resource");
        string name = steps.TryDequeue(out string? found) ? found : "";
        return new ApiRequest(new Place(kind, ns, name), steps.TryDequeue(out string? subresource) ? subresource : null, request.Method, request.Query, request.ContentType);
    }

    /// <summary>The rights that the request needs; an apply that would create needs that one too.</summary>
    public IEnumerable<Right> Rights(FakeCluster cluster)
    {
        string resource = Subresource is null ? Place.Kind.Plural : $"{Place.Kind.Plural}/{Subresource}";
        yield return new Right(Verb, Place.Kind.Group, resource);
        if (Method == "PATCH" && Subresource is null && ContentType?.StartsWith("application/apply", StringComparison.Ordinal) == true && cluster.Find(Place.Kind, Place.Namespace, Place.Name) is null)
            yield return new Right("create", Place.Kind.Group, resource);
    }

    public bool Matches(JsonObject item) => (Query["labelSelector"].FirstOrDefault() ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)
        .Select(s => s.Split('=', 2))
        .All(s => item["metadata"]?["labels"]?[s[0]]?.GetValue<string>() == s[1]);

    private string Verb => Method switch
    {
        "GET" => Watch ? "watch" : Place.Name.Length > 0 ? "get" : "list",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        _ => "delete",
    };
}
