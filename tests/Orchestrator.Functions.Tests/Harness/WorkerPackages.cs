using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json;

namespace Orchestrator.Functions.Tests.Harness;

/// <summary>The assemblies of the Functions worker's packages, as restored for this project. They are looked at and never run.</summary>
internal sealed class WorkerPackages : AssemblyLoadContext, IDisposable
{
    private const string Packages = "Microsoft.Azure.Functions.Worker";
    private static readonly string[] Frameworks = ["net10.0", "net9.0", "net8.0", "net7.0", "net6.0", "netstandard2.1", "netstandard2.0"];

    private readonly Dictionary<string, string> files;

    public WorkerPackages() : base(Packages, isCollectible: true)
    {
        string restored = typeof(WorkerPackages).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "ProjectAssetsFile").Value!;
        using var assets = JsonDocument.Parse(File.ReadAllBytes(restored));
        var folders = assets.RootElement.GetProperty("packageFolders").EnumerateObject().Select(f => f.Name).ToList();
        files = (from library in assets.RootElement.GetProperty("libraries").EnumerateObject()
                 where library.Name.StartsWith(Packages, StringComparison.OrdinalIgnoreCase)
                 from file in library.Value.GetProperty("files").EnumerateArray().Select(f => f.GetString()!.Split('/'))
                 where file is ["lib", _, _] && file[2].EndsWith(".dll", StringComparison.Ordinal) && Frameworks.Contains(file[1])
                 group (Path: Path.Combine([library.Value.GetProperty("path").GetString()!, .. file]), Rank: Frameworks.IndexOf(file[1])) by Path.GetFileNameWithoutExtension(file[2]))
            .ToDictionary(g => g.Key, g => Find(folders, g.MinBy(f => f.Rank).Path));
    }

    /// <summary>The public type of this name; null when no package has it.</summary>
    public Type? FindType(string name) => files.Values.Select(f => LoadFromAssemblyPath(f).GetType(name)).FirstOrDefault(t => t is { IsVisible: true });

    public void Dispose() => Unload();

    /// <inheritdoc />
    protected override Assembly? Load(AssemblyName assemblyName) => files.TryGetValue(assemblyName.Name!, out string? file) ? LoadFromAssemblyPath(file) : null;

    private static string Find(IEnumerable<string> folders, string file) =>
        folders.Select(f => Path.Combine(f, file)).FirstOrDefault(File.Exists) ?? throw new FileNotFoundException($"'{file}' is in no package folder: restore the solution.", file);
}
