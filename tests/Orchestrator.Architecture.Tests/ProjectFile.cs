using System.Xml.Linq;

namespace Orchestrator.Architecture.Tests;

/// <summary>What a csproj depends on.</summary>
/// <param name="Path">Relative to the root, with forward slashes.</param>
/// <param name="References">Names of the projects it references.</param>
/// <param name="Packages">Its packages and whether it gives their version itself.</param>
/// <param name="Frameworks">Shared frameworks beyond the base, its SDK's included.</param>
internal sealed record ProjectFile(
    string Path, IReadOnlyList<string> References, IReadOnlyList<(string Name, bool Versioned)> Packages, IReadOnlyList<string> Frameworks)
{
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>First folder of the path.</summary>
    public string Area => Path.Split('/')[0];

    public static ProjectFile Parse(string path, string xml)
    {
        var project = XDocument.Parse(xml).Root!;
        IEnumerable<XElement> Items(string kind) => project.Descendants(kind).Where(e => e.Attribute("Include") is not null);
        var frameworks = Items("FrameworkReference").Select(e => (string)e.Attribute("Include")!);
        if ((string?)project.Attribute("Sdk") == "Microsoft.NET.Sdk.Web")
            frameworks = frameworks.Append("Microsoft.AspNetCore.App");
        return new(
            path,
            [.. Items("ProjectReference").Select(e => System.IO.Path.GetFileNameWithoutExtension(((string)e.Attribute("Include")!).Replace('\\', '/')))],
            [.. Items("PackageReference").Select(e => ((string)e.Attribute("Include")!, e.Attribute("Version") is not null || e.Element("Version") is not null))],
            [.. frameworks.Distinct()]);
    }
}
