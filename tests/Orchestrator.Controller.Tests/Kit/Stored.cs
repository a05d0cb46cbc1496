using System.Text.Json.Nodes;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Tests.Kit;

/// <summary>Name of an object in the fake cluster.</summary>
internal readonly record struct Place(ResourceKind Kind, string Namespace, string Name)
{
    /// <summary>As complaints about its content name it.</summary>
    public string Typed => $"{Kind.Kind}{(Kind.Group.Length == 0 || Kind.Kind == "Event" ? "" : "." + Kind.Group)} \"{Name}\"";

    public override string ToString() => $"{Kind.Plural}{(Kind.Group.Length == 0 ? "" : "." + Kind.Group)} \"{Name}\"";
}

/// <summary>A change, as watches tell it.</summary>
internal sealed record Change(long Version, string Type, Place Place, JsonObject Object);

/// <summary>An object and who owns which of its fields.</summary>
internal sealed class Stored(JsonObject body)
{
    public JsonObject Body { get; set; } = body;

    /// <summary>Leaves by field manager and subresource.</summary>
    public Dictionary<string, HashSet<string>> Owners { get; } = [];

    public JsonObject Metadata => Body["metadata"]!.AsObject();
}
