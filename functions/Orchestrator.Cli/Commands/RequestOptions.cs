using System.CommandLine;
using Orchestrator.Core.Assurance;

namespace Orchestrator.Cli;

/// <summary>Options of commands that ask for an answer.</summary>
public static class RequestOptions
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

    /// <summary><c>--assurance</c>.</summary>
    public static Option<string?> Assurance()
    {
        var option = new Option<string?>("--assurance") { Description = $"How the answer is checked: {AssuranceLevel.Grammar}; the network's default otherwise" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ } token, ..] && !AssuranceLevel.TryRead(token.Value, out _))
                result.AddError($"--assurance must be {AssuranceLevel.Grammar}, not '{token.Value}'");
        });
        return option;
    }
}
