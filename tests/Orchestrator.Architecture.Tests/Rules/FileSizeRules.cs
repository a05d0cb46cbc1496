namespace Orchestrator.Architecture.Tests.Rules;

/// <summary>Files stay small enough to read at one sitting.</summary>
internal static class FileSizeRules
{
    public const int Longest = 500;
    public const int Median = 80;
    public const int Percentile90 = 350;

    /// <summary>Limit of one file, and of the middle and the upper end of all.</summary>
    public static IReadOnlyList<string> Violations(IReadOnlyList<(string Path, int Lines)> files)
    {
        var written = files.Where(f => !f.Path.EndsWith(".g.cs", StringComparison.Ordinal)).OrderBy(f => f.Lines).ToList();
        if (written.Count == 0)
            return ["There are no files."];
        List<string> violations = [.. written.Where(f => f.Lines > Longest).Select(f => $"{f.Path} has {f.Lines} lines, more than {Longest}: split it by concept.")];
        if (written[written.Count / 2] is var (_, median) && median > Median)
            violations.Add($"Half of the files have more than {median} lines; the median should be at most {Median}.");
        if (written[written.Count * 9 / 10] is var (path, long90) && long90 > Percentile90)
            violations.Add($"One file in ten has {long90} lines or more (e.g. {path}); at most {Percentile90} is the aim.");
        return violations;
    }
}
