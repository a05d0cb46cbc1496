using System.Text.RegularExpressions;

namespace Orchestrator.Architecture.Tests.Rules;

/// <summary>Names that must not occur in code of a certain kind. Comments and string literals do not count.</summary>
internal sealed partial class BannedTokens(string why, params string[] patterns)
{
    /// <summary>A workflow is replayed: it must do the same every time.</summary>
    public static BannedTokens InWorkflows { get; } = new(
        "workflow code is replayed, so it takes time, ids and results from its context",
        @"\bDateTime\b", @"\bDateTimeOffset\s*\.\s*(Utc)?Now\b", @"\bGuid\s*\.\s*(NewGuid|CreateVersion7)\b", @"\bRandom\b", @"\bRandomNumberGenerator\b",
        @"\bTask\s*\.\s*(Delay|Run)\b", @"\bThread\b", @"\bHttpClient\b", @"\bTimeProvider\b", @"\bStopwatch\b", @"\bEnvironment\b",
        @"\bConfigureAwait\s*\(\s*false\s*\)", @"\bDaprClient\b", @"\bIActorProxyFactory\b");

    /// <summary>Core decides and does nothing else.</summary>
    public static BannedTokens InCore { get; } = new(
        "Core is pure: time, randomness and effects come in as arguments or stay outside",
        @"\bDateTime\b", @"\bDateTimeOffset\s*\.\s*(Utc)?Now\b", @"\bTimeProvider\b", @"\bGuid\b", @"\bRandom\b", @"\bRandomNumberGenerator\b", @"\bStopwatch\b",
        @"\bTask\b", @"\basync\b", @"\bThread\b", @"\bFile\s*\.", @"\bDirectory\s*\.", @"\bStream\b", @"\bHttpClient\b", @"\bEnvironment\b", @"\bConsole\b", @"\bILogger\b");

    private readonly Regex[] banned = [.. patterns.Select(p => new Regex(p, RegexOptions.CultureInvariant))];

    public IReadOnlyList<string> Violations(string path, string source)
    {
        string[] lines = NotCode().Replace(source, m => new string('\n', m.Value.Count(c => c == '\n'))).Split('\n');
        return [.. lines.SelectMany((line, i) => banned.Select(b => b.Match(line)).Where(m => m.Success).Select(m => $"{path}({i + 1}): {m.Value} is banned: {why}."))];
    }

    // Raw strings, verbatim strings, strings, characters, comments: whichever starts first. Holes of interpolated strings go with them.
    [GeneratedRegex("""
        \"{3,}[\s\S]*?\"{3,} | @\"(?:[^\"]|\"\")*\" | \"(?:\\.|[^\"\\\n])*\" | '(?:\\.|[^'\\\n])' | //[^\n]* | /\*[\s\S]*?\*/
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex NotCode();
}
