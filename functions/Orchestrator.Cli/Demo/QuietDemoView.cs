using Orchestrator.Local;
using Orchestrator.Sharder;

namespace Orchestrator.Cli;

/// <summary>The demo for programs: steps on standard error, nothing else until the report.</summary>
public sealed class QuietDemoView(Terminal terminal) : IDemoView
{
    /// <inheritdoc />
    public void Step(string what) => terminal.Note($"[grey]{Spectre.Console.Markup.Escape(what)}…[/]");

    /// <inheritdoc />
    public void Sharded(ShardingResult result)
    {
    }

    /// <inheritdoc />
    public void Started(LocalNetwork network)
    {
    }

    /// <inheritdoc />
    public void Asking(string question) => Step(question);

    /// <inheritdoc />
    public void Text(string piece)
    {
    }

    /// <inheritdoc />
    public void Answered(DemoQuestion question)
    {
    }
}
