using System.Text.Json;
using Grpc.Core;
using Orchestrator.Sidecar.Components;

namespace Orchestrator.Sidecar.Stores;

/// <summary>Configuration items: a flat JSON object in the file that the component's <c>file</c> names, by default its own name.</summary>
internal sealed class ConfigurationService(ComponentSet components, string componentsDirectory)
{
    /// <param name="keys">Empty: all.</param>
    public IReadOnlyDictionary<string, string> Get(string appId, string storeName, IReadOnlyCollection<string> keys)
    {
        var store = components.Find("configuration", storeName, appId)
            ?? throw new ApiException(400, StatusCode.InvalidArgument, "ERR_CONFIGURATION_STORE_NOT_FOUND", $"configuration store {storeName} not found");
        var path = Path.Combine(componentsDirectory, store.Get("file") ?? store.Name + ".json");
        if (!File.Exists(path))
        {
            return new Dictionary<string, string>();
        }
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return json.RootElement.EnumerateObject()
                .Where(p => keys.Count == 0 || keys.Contains(p.Name))
                .GroupBy(p => p.Name)
                .ToDictionary(g => g.Key, g => g.Last().Value is { ValueKind: JsonValueKind.String } s ? s.GetString()! : g.Last().Value.GetRawText());
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidOperationException)
        {
            throw new ApiException(500, StatusCode.Internal, "ERR_CONFIGURATION_GET", $"'{path}' cannot be read: {e.Message}");
        }
    }
}
