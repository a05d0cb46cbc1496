using System.Text.RegularExpressions;
using Orchestrator.Charts.Tests.Kit;

namespace Orchestrator.Charts.Tests;

/// <summary>The whole of two profiles as text: a change that nobody meant shows in the difference.</summary>
public sealed partial class SnapshotTests
{
    [Theory]
    [InlineData("orchestrator", "production")]
    [InlineData("node", "node-host")]
    public void The_profile_renders_as_it_did(string chart, string profile)
    {
        var manifests = Rendering.Of(chart, profile).Where(m => !m.Name.Contains("dashboard") && m.Kind != "CustomResourceDefinition").OrderBy(m => m.Id, StringComparer.Ordinal);
        string text = string.Concat(manifests.Select(m => "---\n" + Source().Replace(m.Text, "").Trim() + "\n"));

        Repository.ShouldHold(Repository.At("tests", "Orchestrator.Charts.Tests", "Snapshots", $"{chart}-{profile}.verified.yaml"), Blanks().Replace(text, "\n"));
    }

    [GeneratedRegex(@"^# Source: .*\n", RegexOptions.Multiline)]
    private static partial Regex Source();

    [GeneratedRegex(@"[ \t]*\n(\s*\n)*(?=[ \t]*\S)")]
    private static partial Regex Blanks();
}
