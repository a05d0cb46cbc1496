using Orchestrator.Infra.Tests.Kit;

namespace Orchestrator.Infra.Tests.Docker;

/// <summary>The .dockerignore, which keeps everything out but what it names.</summary>
internal static class Ignore
{
    private static readonly string[] Lines = File.ReadAllLines(Repository.At(".dockerignore"));

    public static bool Admits(string path) => !Lines.Contains("*") || Lines.Contains($"!{path}");

    public static bool Excludes(string pattern) => Lines.Contains(pattern);
}
