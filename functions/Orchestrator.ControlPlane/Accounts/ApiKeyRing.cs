using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Accounts;

/// <summary>
/// Finds the caller of a key by the key's hash: the secret itself is never compared, so the time of a lookup tells nothing about it.
/// </summary>
public sealed partial class ApiKeyRing
{
    private const int MaxKeyLength = 512;

    private readonly FrozenDictionary<Digest, Caller> callers;

    private ApiKeyRing(IReadOnlyList<ApiKey> keys)
    {
        Keys = keys;
        callers = keys.ToFrozenDictionary(k => k.Sha256, k => new Caller(k.Account, k.Role));
    }

    /// <summary>The keys of the file.</summary>
    public IReadOnlyList<ApiKey> Keys { get; }

    /// <summary>Whose key this is; null for an unknown one.</summary>
    public Caller? Find(string key) =>
        key.Length is > 0 and <= MaxKeyLength ? callers.GetValueOrDefault(Digest.Of(Encoding.UTF8.GetBytes(key))) : null;

    /// <summary>Reads and checks the file; all problems at once.</summary>
    public static ApiKeyRing? TryLoad(string path, ICollection<string> problems)
    {
        ApiKeyFile file;
        try
        {
            file = JsonSerializer.Deserialize(File.ReadAllBytes(path), ControlPlaneJson.Default.ApiKeyFile)!;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or ArgumentException)
        {
            problems.Add($"ApiKeysFile '{path}' cannot be read: {e.Message} It holds {{\"keys\":[{{\"sha256\":…,\"account\":…,\"role\":\"user\"|\"admin\",\"initialCredit\":…,\"grantedAt\":…}}]}}.");
            return null;
        }

        int before = problems.Count;
        Check(file?.Keys ?? [], problems);
        return problems.Count == before ? new ApiKeyRing(file!.Keys) : null;
    }

    private static void Check(IReadOnlyList<ApiKey> keys, ICollection<string> problems)
    {
        if (keys.Count == 0)
            problems.Add("ApiKeysFile has no keys; nobody could call the API.");
        foreach (var (key, index) in keys.Select((k, i) => (k, i)))
        {
            if (key.Sha256 == default)
                problems.Add($"ApiKeysFile keys[{index}].sha256 must be 64 lower-case hex digits.");
            if (!AccountName().IsMatch(key.Account ?? ""))
                problems.Add($"ApiKeysFile keys[{index}].account must be 1 to 63 of [a-z0-9-].");
            if (Actors.ActorNames.IsReserved(key.Account ?? ""))
                problems.Add($"ApiKeysFile keys[{index}].account may not be '{key.Account}', which is the platform's own.");
            if (key.InitialCredit < 0)
                problems.Add($"ApiKeysFile keys[{index}].initialCredit must be 0 or more.");
            if (key.InitialCredit > 0 && key.GrantedAt is null)
                problems.Add($"ApiKeysFile keys[{index}].grantedAt must say when initialCredit was granted, so that a restart does not grant it again.");
        }

        foreach (var twice in keys.GroupBy(k => k.Sha256).Where(g => g.Count() > 1))
            problems.Add($"ApiKeysFile lists the key {twice.Key.Short} twice.");
        foreach (var twice in keys.Where(k => k.InitialCredit > 0).GroupBy(k => k.Account).Where(g => g.Count() > 1))
            problems.Add($"ApiKeysFile gives account '{twice.Key}' initialCredit on more than one key; keep one.");
    }

    [GeneratedRegex("^[a-z0-9-]{1,63}$")]
    private static partial Regex AccountName();
}
