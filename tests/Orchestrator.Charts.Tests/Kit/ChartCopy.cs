using System.Text.RegularExpressions;

namespace Orchestrator.Charts.Tests.Kit;

/// <summary>A profile's chart in a folder of its own, as its next version: what an upgrade would install.</summary>
internal sealed partial class ChartCopy : IDisposable
{
    private readonly Profile _profile;
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-chart-").FullName;

    public ChartCopy(Profile profile)
    {
        _profile = profile;
        foreach (string file in Directory.EnumerateFiles(profile.Folder, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(_folder, Path.GetRelativePath(profile.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        string chart = Path.Combine(_folder, "Chart.yaml");
        string text = File.ReadAllText(chart);
        string next = Versions().Replace(text, "$1 9.9.9");
        next.ShouldNotBe(text);
        File.WriteAllText(chart, next);
    }

    public IReadOnlyList<Manifest> Render(params string[] more)
    {
        var (code, output, error) = Helm.Run(["template", "demo", _folder, "--namespace", "ai", "--is-upgrade", "--kube-version", _profile.Kube[^1], .. _profile.Arguments, .. more]);
        code.ShouldBe(0, $"the next {_profile} does not render: {error}");
        return Manifest.Read(output);
    }

    public void Add(string file, string text) => File.WriteAllText(Path.Combine(_folder, file), text);

    /// <summary>Replaces a text that is in the file exactly once.</summary>
    public void Replace(string file, string text, string other)
    {
        string path = Path.Combine(_folder, file);
        string[] parts = File.ReadAllText(path).Split(text);
        parts.Length.ShouldBe(2, $"{file} holds '{text}' once");
        File.WriteAllText(path, string.Join(other, parts));
    }

    public void Dispose() => Directory.Delete(_folder, true);

    [GeneratedRegex("^(version:|appVersion:) .*$", RegexOptions.Multiline)]
    private static partial Regex Versions();
}
