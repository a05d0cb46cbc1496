using System.Runtime.CompilerServices;

namespace Orchestrator.Integration.Tests;

/// <summary>Files of this project that tests run where they lie.</summary>
public static class SourceTree
{
    /// <summary>The npm client and its installed packages (<c>tests/run</c> installs them).</summary>
    public static string Clients { get; } = Path.Combine(Path.GetDirectoryName(Here())!, "clients");

    /// <summary>A platform and workers in network namespaces of their own.</summary>
    public static string OutboundOnly { get; } = Path.Combine(Path.GetDirectoryName(Here())!, "netns", "outbound-only");

    private static string Here([CallerFilePath] string path = "") => path;
}
