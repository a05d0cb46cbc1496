using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary>Lines of a name and what is known under it; what is not known has no line.</summary>
public sealed class Facts
{
    private readonly Grid grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();

    /// <summary>Adds plain text, unless there is none.</summary>
    public Facts Add(string name, string? text) => Mark(name, text is { Length: > 0 } ? Markup.Escape(text) : null);

    /// <summary>Adds marked-up text, unless there is none.</summary>
    public Facts Mark(string name, string? markup)
    {
        if (markup is { Length: > 0 })
            grid.AddRow($"[grey]{Markup.Escape(name)}[/]", markup);
        return this;
    }

    /// <summary>Prints them.</summary>
    public void Write(IAnsiConsole console) => console.Write(grid);
}
