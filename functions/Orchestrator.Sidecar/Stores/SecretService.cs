using System.Text.Json;
using Grpc.Core;
using Orchestrator.Sidecar.Components;

namespace Orchestrator.Sidecar.Stores;

/// <summary>
/// Secrets: a <c>secretstores.local.file</c> reads its JSON file, every other <c>secretstores.*</c> reads the
/// environment of the sidecar process, tokens of the sidecar itself excluded.
/// </summary>
internal sealed class SecretService(ComponentSet components, string componentsDirectory)
{
    private static readonly string[] Hidden = ["DAPR_API_TOKEN", "APP_API_TOKEN"];

    /// <exception cref="ApiException">No such store or secret.</exception>
    public IReadOnlyDictionary<string, string> Get(string appId, string storeName, string key)
    {
        var store = Find(appId, storeName);
        var value = IsFile(store) ? ReadFile(store).GetValueOrDefault(key) : Hidden.Contains(key) ? null : Environment.GetEnvironmentVariable(key);
        return value is not null
            ? new Dictionary<string, string> { [key] = value }
            : throw new ApiException(500, StatusCode.Internal, "ERR_SECRET_GET", $"failed getting secret with key {key} from secret store {storeName}: not found");
    }

    /// <summary>Every secret of a file store; an environment is not listed.</summary>
    public IReadOnlyDictionary<string, string> GetAll(string appId, string storeName) =>
        Find(appId, storeName) is { } store && IsFile(store) ? ReadFile(store) : new Dictionary<string, string>();

    private static bool IsFile(Component store) => store.Type == "secretstores.local.file";

    private Component Find(string appId, string name) => components.Find("secretstores", name, appId)
        ?? throw (components.Any("secretstores", appId)
            ? new ApiException(401, StatusCode.InvalidArgument, "ERR_SECRET_STORE_NOT_FOUND", $"failed finding secret store with key {name}")
            : new ApiException(500, StatusCode.FailedPrecondition, "ERR_SECRET_STORES_NOT_CONFIGURED", "secret store is not configured"));

    private Dictionary<string, string> ReadFile(Component store)
    {
        var path = store.Get("secretsFile") ?? "";
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(componentsDirectory, path)));
            var secrets = new Dictionary<string, string>(StringComparer.Ordinal);
            Flatten(json.RootElement, "", store.Get("nestedSeparator") is { Length: > 0 } s ? s : ":", secrets);
            return secrets;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or ArgumentException)
        {
            throw new ApiException(500, StatusCode.Internal, "ERR_SECRET_GET", $"secrets file '{path}' of {store.Name} cannot be read: {e.Message}");
        }
    }

    private static void Flatten(JsonElement json, string prefix, string separator, Dictionary<string, string> into)
    {
        if (json.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in json.EnumerateObject())
            {
                Flatten(property.Value, prefix.Length == 0 ? property.Name : prefix + separator + property.Name, separator, into);
            }
        }
        else
        {
            into[prefix] = json.ValueKind == JsonValueKind.String ? json.GetString()! : json.GetRawText();
        }
    }
}
