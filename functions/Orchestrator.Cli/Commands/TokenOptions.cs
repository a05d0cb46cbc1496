using System.CommandLine;

namespace Orchestrator.Cli;

/// <summary>Options of commands that draw tokens.</summary>
public static class TokenOptions
{
    /// <summary><c>--max-tokens</c>.</summary>
    public static Option<int?> MaxTokens()
    {
        var option = new Option<int?>("--max-tokens") { Description = "Most tokens to draw" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1)
                result.AddError("--max-tokens must be 1 or more");
        });
        return option;
    }
}
