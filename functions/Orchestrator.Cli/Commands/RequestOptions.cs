using System.CommandLine;
using System.Text.Json.Nodes;
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

    /// <summary><c>--evidence</c>.</summary>
    public static Option<string?> Evidence()
    {
        var option = new Option<string?>("--evidence") { Description = "Who may read what stages received: owner, or public with optimistic, which shows prompt and answer to who may challenge" };
        option.AcceptOnlyFromAmong("owner", "public");
        return option;
    }

    /// <summary>Our own field of a request; null when nothing was asked for.</summary>
    public static JsonObject? Own(string? assurance, string? evidence)
    {
        var own = new JsonObject();
        if (assurance is not null)
            own["assurance"] = assurance;
        if (evidence is not null)
            own["evidence"] = evidence;
        return own.Count == 0 ? null : own;
    }
}
