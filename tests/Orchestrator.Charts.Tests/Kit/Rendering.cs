using System.Collections.Concurrent;

namespace Orchestrator.Charts.Tests.Kit;

/// <summary>What helm made of a profile; each is rendered once.</summary>
internal static class Rendering
{
    private static readonly ConcurrentDictionary<(string Chart, string Name, string Kube), Lazy<IReadOnlyList<Manifest>>> Done = new();

    /// <summary>The newest version the profile is for.</summary>
    public static IReadOnlyList<Manifest> Of(string chart, string name) => Of(Profile.Of(chart, name), Profile.Of(chart, name).Kube[^1]);

    public static IReadOnlyList<Manifest> Of(Profile profile, string kube) =>
        Done.GetOrAdd((profile.Chart, profile.Name, kube), _ => new Lazy<IReadOnlyList<Manifest>>(() => With(profile, kube))).Value;

    /// <summary>A profile with further arguments, rendered anew.</summary>
    public static IReadOnlyList<Manifest> With(Profile profile, string kube, params string[] more)
    {
        var (code, output, error) = Helm.Run(Helm.Template(profile, kube, more));
        code.ShouldBe(0, $"{profile} does not render for {kube}: {error}");
        return Manifest.Read(output);
    }
}
