using System.Text.Json;

namespace Orchestrator.Cli;

/// <summary>Where the network is and which key opens it.</summary>
/// <param name="Endpoint">Base URL of the HTTP API, without a path.</param>
/// <param name="ApiKeyFile">File that holds the bearer token.</param>
public sealed record Connection(Uri Endpoint, string ApiKeyFile)
{
    /// <summary>Overrides the endpoint <c>orchestrator up</c> left behind.</summary>
    public const string EndpointVariable = "ORCHESTRATOR_ENDPOINT";

    /// <summary>Overrides the key file <c>orchestrator up</c> left behind.</summary>
    public const string KeyFileVariable = "ORCHESTRATOR_API_KEY_FILE";

    /// <summary>Where <c>orchestrator up</c> keeps its network and this record, unless told otherwise.</summary>
    public static string StateFolder { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state
            ? state
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state"),
        "orchestrator");

    private static string RecordFile => Path.Combine(StateFolder, "connection.json");

    /// <summary>Remembers a connection for later commands.</summary>
    public void Save()
    {
        Directory.CreateDirectory(StateFolder);
        File.WriteAllText(RecordFile, JsonSerializer.Serialize(this));
    }

    /// <summary>Forgets this connection, unless another network was started since it was saved.</summary>
    public void Forget()
    {
        if (Load() == this)
            File.Delete(RecordFile);
    }

    /// <summary>The connection from options, environment or the last <c>orchestrator up</c>, in that order.</summary>
    /// <exception cref="CliException">There is none, or a value is malformed.</exception>
    public static Connection Resolve(string? endpoint, string? keyFile)
    {
        var saved = Load();
        endpoint ??= Environment.GetEnvironmentVariable(EndpointVariable);
        keyFile ??= Environment.GetEnvironmentVariable(KeyFileVariable);
        // The saved key opens the saved network; another endpoint must not be shown it.
        if (endpoint is null || endpoint.TrimEnd('/') == saved?.Endpoint.ToString().TrimEnd('/'))
            keyFile ??= saved?.ApiKeyFile;
        endpoint ??= saved?.Endpoint.ToString();
        if (endpoint is not null && keyFile is null)
            throw new CliException($"no key is known for {endpoint}: pass --key-file or set {KeyFileVariable}");
        if (endpoint is null || keyFile is null)
            throw new CliException($"no network is known: start one with 'orchestrator up', or set {EndpointVariable} and {KeyFileVariable}");
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new CliException($"'{endpoint}' is not an http(s) URL", ExitCodes.Usage);
        if (!File.Exists(keyFile))
            throw new CliException($"key file {keyFile} does not exist");
        return new Connection(uri, keyFile);
    }

    private static Connection? Load()
    {
        try
        {
            return File.Exists(RecordFile) ? JsonSerializer.Deserialize<Connection>(File.ReadAllText(RecordFile)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
