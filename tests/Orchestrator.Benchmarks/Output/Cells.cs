using System.CommandLine;
using Orchestrator.Benchmarks.Statistics;
using Spectre.Console;

namespace Orchestrator.Benchmarks.Output;

/// <summary>What the commands share in options and tables.</summary>
internal static class Cells
{
    /// <summary>Progress, on standard error.</summary>
    internal static IAnsiConsole Progress { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>Tables, on standard output, never folded to a narrow terminal.</summary>
    internal static IAnsiConsole Tables { get; } = Wide();

    /// <summary>Median and spread in one cell.</summary>
    internal static string Of(Spread spread, string format) =>
        $"{spread.Median.ToString(format)} ({spread.P10.ToString(format)}–{spread.P90.ToString(format)})";

    /// <summary>An option with a least value.</summary>
    internal static Option<int> Count(string name, int standard, int least, string description)
    {
        var option = new Option<int>(name) { DefaultValueFactory = _ => standard, Description = description };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least)
                result.AddError($"{name} must be {least} or more.");
        });
        return option;
    }

    private static IAnsiConsole Wide()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings());
        console.Profile.Width = 160;
        return console;
    }
}
