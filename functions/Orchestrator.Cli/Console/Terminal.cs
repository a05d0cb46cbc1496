using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary>Where output goes: data on standard output, everything else on standard error.</summary>
public sealed class Terminal
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Data.</summary>
    public IAnsiConsole Out { get; } = Wide(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(System.Console.Out) }));

    /// <summary>Progress, hints and errors.</summary>
    public IAnsiConsole Err { get; } = Wide(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(System.Console.Error) }));

    /// <summary>Whether a person sits there who can be asked.</summary>
    public bool CanAsk { get; } = !System.Console.IsInputRedirected && !System.Console.IsErrorRedirected;

    /// <summary>Prints one JSON document.</summary>
    public void WriteJson(object value) => System.Console.Out.WriteLine(JsonSerializer.Serialize(value, Json));

    /// <summary>Prints text as it comes, without a line break.</summary>
    public void WriteRaw(string text)
    {
        System.Console.Out.Write(text);
        System.Console.Out.Flush();
    }

    /// <summary>One line for people, on standard error.</summary>
    public void Note(string markup) => Err.MarkupLine(markup);

    /// <summary>Shows what is going on while work lasts; quiet when standard error is no terminal.</summary>
    public async Task<T> ProgressAsync<T>(string what, Func<Task<T>> work)
    {
        if (!Err.Profile.Capabilities.Interactive || System.Console.IsErrorRedirected)
        {
            Err.MarkupLineInterpolated($"[grey]{what}…[/]");
            return await work();
        }

        return await Err.Status().Spinner(Spinner.Known.Dots).StartAsync(Markup.Escape(what), _ => work());
    }

    // Without a terminal Spectre assumes 80 columns and breaks ids in tables that scripts and logs then cannot find.
    private static IAnsiConsole Wide(IAnsiConsole console)
    {
        if (!console.Profile.Out.IsTerminal)
            console.Profile.Width = 1_000;
        return console;
    }
}
