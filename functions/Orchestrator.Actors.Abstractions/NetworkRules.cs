using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Orchestrator.Contracts;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Stake;

namespace Orchestrator.Actors;

/// <summary>
/// The rules that control plane and actors must share. Run apart, both read the same file, and the control plane compares fingerprints before it serves.
/// </summary>
/// <param name="Liveness">When a silent node is dropped from a model's topology.</param>
/// <param name="StakeRules">How stake moves and what faults cost.</param>
/// <param name="Reputation">How scores move and bar.</param>
public sealed record NetworkRules(Liveness Liveness, StakeRules StakeRules, ReputationRules Reputation)
{
    private const int LargestFileBytes = 1 << 20;

    private static readonly JsonSerializerOptions Strict = new(ActorJson.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        IgnoreReadOnlyProperties = true,
    };

    /// <summary>What holds when no file says otherwise.</summary>
    public static NetworkRules Default { get; } = new(Liveness.Default, StakeRules.Default, ReputationRules.Default);

    /// <summary>Equal exactly when the rules are.</summary>
    [JsonIgnore]
    public string Fingerprint => Digest.Of(JsonSerializer.SerializeToUtf8Bytes(this, Strict)).Value;

    /// <summary>Reads a JSON file that says what differs from <see cref="Default"/>; an empty name means the default. Lists replace, everything else is merged.</summary>
    /// <exception cref="InvalidOperationException">The file cannot be used; the message says why.</exception>
    public static NetworkRules Load(string file)
    {
        if (file.Length == 0)
            return Default;
        try
        {
            return new FileInfo(file) is { Exists: true, Length: > LargestFileBytes }
                ? throw new FormatException("it is larger than 1 MiB")
                : Parse(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or FormatException or ArgumentException)
        {
            throw new InvalidOperationException($"The network rules in {file} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>As <see cref="Load"/>, from text.</summary>
    /// <exception cref="JsonException">Not JSON, an unknown name or a value of the wrong form.</exception>
    /// <exception cref="ArgumentException">A number is out of range.</exception>
    public static NetworkRules Parse(string json)
    {
        var all = JsonSerializer.SerializeToNode(Default, Strict)!.AsObject();
        var documents = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowDuplicateProperties = false };
        if (JsonNode.Parse(json, documentOptions: documents) is not JsonObject changes)
            throw new JsonException("an object such as {\"stakeRules\": {\"unbondingDelay\": \"14.00:00:00\"}} is expected");
        Merge(all, changes);
        var rules = all.Deserialize<NetworkRules>(Strict)!;
        rules.StakeRules.Slashes.Validate();
        rules.Reputation.Correctness.Validate();
        rules.Reputation.Presence.Validate();
        if (rules.Liveness.HeartbeatInterval <= TimeSpan.Zero || rules.Liveness.MissedHeartbeats < 1 || rules.Liveness.ForgetAfter <= TimeSpan.Zero)
            throw new ArgumentException("Liveness needs an interval and a memory above 0, and 1 missed heartbeat or more.");
        return rules;
    }

    private static void Merge(JsonObject into, JsonObject changes)
    {
        foreach (var (name, value) in changes)
        {
            if (value is JsonObject inner && into[name] is JsonObject target)
                Merge(target, inner);
            else
                into[name] = value?.DeepClone();
        }
    }
}
