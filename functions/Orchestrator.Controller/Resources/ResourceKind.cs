namespace Orchestrator.Controller.Resources;

/// <summary>A kind of object and where the API server has it.</summary>
/// <param name="Group">API group; empty for the core.</param>
/// <param name="Version">Its version.</param>
/// <param name="Plural">Name in paths.</param>
/// <param name="Kind">Name in documents.</param>
public sealed record ResourceKind(string Group, string Version, string Plural, string Kind)
{
    /// <summary>As documents have it.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Path of one object or of all, relative to the server's base address.</summary>
    public string Path(string? @namespace, string? name = null, string? subresource = null)
    {
        string path = Group.Length == 0 ? $"api/{Version}" : $"apis/{Group}/{Version}";
        if (@namespace is not null)
            path += $"/namespaces/{Uri.EscapeDataString(@namespace)}";
        path += $"/{Plural}";
        if (name is not null)
            path += $"/{Uri.EscapeDataString(name)}";
        return subresource is null ? path : $"{path}/{subresource}";
    }
}

/// <summary>Name of an object within a kind.</summary>
public readonly record struct ObjectKey(string Namespace, string Name)
{
    /// <inheritdoc />
    public override string ToString() => $"{Namespace}/{Name}";
}
