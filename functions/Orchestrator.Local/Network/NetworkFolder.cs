using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Local;

/// <summary>The files of a local network. Secrets are readable by their owner only.</summary>
public sealed class NetworkFolder(string root)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Content-addressed blobs shared by all processes.</summary>
    public string Blobs => Path.Combine(root, "blobs");

    /// <summary>Standard error of every process.</summary>
    public string Logs => Path.Combine(root, "logs");

    /// <summary>The platform's signing key.</summary>
    public string PlatformKeyFile => Path.Combine(root, "platform.key");

    /// <summary>The relay's certificate with its key.</summary>
    public string RelayCertificateFile => Path.Combine(root, "relay.pem");

    /// <summary>What clients send as bearer token.</summary>
    public string ApiKeyFile => Path.Combine(root, "api-key");

    /// <summary>What the control plane knows of API keys: digests, accounts and roles.</summary>
    public string ApiKeyTable => Path.Combine(root, "api-keys.json");

    /// <summary>What differs from the standard network rules; control plane and actors both read it.</summary>
    public string RulesFile => Path.Combine(root, "network-rules.json");

    /// <summary>Certificate, key and token secret that the gateways share.</summary>
    public string Gateway => Path.Combine(root, "gateway");

    /// <summary>Secret under which gateways sign session tokens.</summary>
    public string GatewayTokenKey => Path.Combine(Gateway, "token.key");

    /// <summary>Where the sidecar keeps state and messages.</summary>
    public string Sidecar => Path.Combine(root, "sidecar");

    /// <summary>The workflow journal.</summary>
    public string Journal => Path.Combine(root, "journal.db");

    /// <summary>A node's key and shard cache.</summary>
    public string Node(int number) => Path.Combine(root, "nodes", number.ToString());

    /// <summary>The referee's key and shard cache.</summary>
    public string Referee => Path.Combine(root, "referee");

    /// <summary>The file a child process is configured by.</summary>
    public string Configuration(string name) => Path.Combine(root, "config", name + ".json");

    /// <summary>Makes what is missing; keeps what is there.</summary>
    public void Create(long initialCredit, DateTimeOffset now)
    {
        foreach (string folder in new[] { root, Blobs, Logs, Sidecar, Gateway, Path.Combine(root, "config") })
            Directory.CreateDirectory(folder);
        SigningKey.LoadOrCreate(PlatformKeyFile).Dispose();
        if (!File.Exists(ApiKeyFile))
            WriteSecret(ApiKeyFile, "sk-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)));
        if (!File.Exists(RulesFile))
            WriteJson(RulesFile, new JsonObject());
        if (!File.Exists(GatewayTokenKey))
            WriteSecret(GatewayTokenKey, NewToken());
        if (!File.Exists(ApiKeyTable))
            WriteJson(ApiKeyTable, KeyTable(initialCredit, now));
    }

    /// <summary>Keeps other networks off this folder until disposed.</summary>
    /// <exception cref="InvalidOperationException">Another network runs on it.</exception>
    public IDisposable Lock()
    {
        Directory.CreateDirectory(root);
        try
        {
            return new FileStream(Path.Combine(root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new InvalidOperationException($"A network already runs on {root}: stop it, or use another folder.", e);
        }
    }

    /// <summary>A fresh random token, for links between processes of this machine.</summary>
    public static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));

    /// <summary>Writes a configuration file readable by its owner only, since it may hold tokens.</summary>
    public static void WriteJson(string path, JsonNode content) => WriteSecret(path, content.ToJsonString(Indented));

    private JsonObject KeyTable(long initialCredit, DateTimeOffset now) => new()
    {
        ["keys"] = new JsonArray(new JsonObject
        {
            ["sha256"] = Digest.Of(Encoding.UTF8.GetBytes(File.ReadAllText(ApiKeyFile))).Value,
            ["account"] = "developer",
            ["role"] = "admin",
            ["initialCredit"] = initialCredit,
            ["grantedAt"] = now,
        }),
    };

    private static void WriteSecret(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(path, options);
        writer.Write(text);
    }
}
