using System.CommandLine;
using System.CommandLine.Parsing;

namespace Orchestrator.Cli;

/// <summary>Options of every command that talks to a network.</summary>
public sealed class ConnectionOptions
{
    private readonly Option<string?> endpoint = new("--endpoint") { Description = $"Base URL of the network [{Connection.EndpointVariable}]" };
    private readonly Option<string?> keyFile = new("--key-file") { Description = $"File with the API key [{Connection.KeyFileVariable}]" };

    /// <summary>How data is printed.</summary>
    public Option<OutputFormat> Format { get; } = Output();

    /// <summary>The <c>-o</c> option.</summary>
    public static Option<OutputFormat> Output()
    {
        var option = new Option<OutputFormat>("--output", "-o") { Description = "table or json", HelpName = "table|json", CustomParser = Parse };
        option.CompletionSources.Clear();
        option.CompletionSources.Add("table", "json");
        return option;
    }

    /// <summary>Adds the options to a command.</summary>
    public ConnectionOptions AddTo(Command command)
    {
        command.Add(endpoint);
        command.Add(keyFile);
        command.Add(Format);
        return this;
    }

    /// <summary>A client for the network the options name.</summary>
    public ApiClient Client(ParseResult parsed) => new(Resolve(parsed));

    /// <summary>The network the options name.</summary>
    public Connection Resolve(ParseResult parsed) => Connection.Resolve(parsed.GetValue(endpoint), parsed.GetValue(keyFile));

    /// <summary>Whether the command line names a network or a key.</summary>
    public bool Named(ParseResult parsed) => (parsed.GetValue(endpoint) ?? parsed.GetValue(keyFile)) is not null;

    /// <summary>Whether JSON was asked for.</summary>
    public bool Json(ParseResult parsed) => parsed.GetValue(Format) == OutputFormat.Json;

    private static OutputFormat Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        switch (text)
        {
            case "table":
                return OutputFormat.Table;
            case "json":
                return OutputFormat.Json;
            default:
                result.AddError($"'{text}' is no output format: use table or json");
                return default;
        }
    }
}
