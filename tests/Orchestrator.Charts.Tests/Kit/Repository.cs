namespace Orchestrator.Charts.Tests.Kit;

/// <summary>The repository the tests run in.</summary>
internal static class Repository
{
    /// <summary>Set to 1, tests write what is made from something else (tables, copies, snapshots) in place of comparing it.</summary>
    public const string UpdateSwitch = "ORCHESTRATOR_UPDATE_CHARTS";

    public static string Root { get; } = Find();

    public static bool Updating => Environment.GetEnvironmentVariable(UpdateSwitch) == "1";

    public static string At(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Compares a committed file with what it should be, or writes it.</summary>
    public static void ShouldHold(string path, string expected)
    {
        if (Updating)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, expected);
        }

        string actual = File.Exists(path) ? File.ReadAllText(path) : "";
        actual.ShouldBe(expected, $"{Path.GetRelativePath(Root, path)} is not up to date: run these tests with {UpdateSwitch}=1 and look at the difference");
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Orchestrator.sln")))
            folder = folder.Parent;
        return folder.ShouldNotBeNull("tests must run inside the repository").FullName;
    }
}
