using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Infra.Tests.Kit;

namespace Orchestrator.Infra.Tests.Workflows;

/// <summary>Scripts that people and workflows share.</summary>
public sealed partial class ScriptTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("infra-scripts-").FullName;

    public static TheoryData<string> Scripts => ["tests/run", "infra/e2e/run", "infra/e2e/logs", "infra/e2e/api", "infra/docker/sbom"];

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task A_script_is_executable_and_bash_reads_it(string script)
    {
        Repository.IsExecutable(script).ShouldBeTrue();

        var (code, _, error) = await Tool.RunAsync("bash", Repository.Root, "-n", script);

        code.ShouldBe(0, error);
    }

    [Fact]
    public async Task A_script_that_bash_cannot_read_is_noticed()
    {
        string file = Path.Combine(folder, "broken");
        await File.WriteAllTextAsync(file, "if true; then echo", TestContext.Current.CancellationToken);

        (await Tool.RunAsync("bash", folder, "-n", file)).Code.ShouldNotBe(0);
    }

    [Fact]
    public void The_end_to_end_run_names_only_files_that_exist_and_pins_Dapr()
    {
        string script = File.ReadAllText(Repository.At("infra", "e2e", "run"));

        var paths = Paths().Matches(script).Select(m => m.Value).Where(p => !p.Contains("/bin/") && !p.Contains('$')).Distinct().ToList();
        paths.Count.ShouldBeGreaterThan(5);
        paths.Where(p => !Path.Exists(Repository.At(p))).ShouldBeEmpty();
        foreach (string image in (string[])["functions", "actors", "gateway", "worker"])
            File.Exists(Repository.At("infra", "docker", $"{image}.Dockerfile")).ShouldBeTrue(image);
        File.ReadAllText(Repository.At("infra", "e2e", "names")).ShouldMatch(@"DAPR_VERSION=\d+\.\d+\.\d+");
    }

    [Fact]
    public async Task The_platforms_public_key_is_computed_as_hosts_must_be_given_it()
    {
        // The first test vector of RFC 8032.
        const string Seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        string script = File.ReadAllText(Repository.At("infra", "e2e", "run"));
        int from = script.IndexOf("platform_key=$(", StringComparison.Ordinal);
        string command = script[from..(script.IndexOf("-c 64)", from, StringComparison.Ordinal) + 6)].Replace("$(secret orchestrator-platform platform.key)", Seed);

        var (code, output, error) = await Tool.RunAsync("bash", folder, "-c", $"{command}; echo $platform_key");

        code.ShouldBe(0, error);
        output.Trim().ShouldBe("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    }

    [Fact]
    public async Task A_bill_of_materials_names_the_packages_of_the_program()
    {
        var (code, output, error) = await Tool.RunAsync("bash", Repository.Root, "infra/docker/sbom", "functions/Orchestrator.Sidecar", folder);

        code.ShouldBe(0, output + error);
        var bill = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "Orchestrator.Sidecar.cdx.json"), TestContext.Current.CancellationToken))!;
        bill["bomFormat"]!.ToString().ShouldBe("CycloneDX");
        var component = bill["components"]!.AsArray().Single(c => c!["name"]!.ToString() == "YamlDotNet")!;
        component["purl"]!.ToString().ShouldBe($"pkg:nuget/YamlDotNet@{component["version"]}");
        component["hashes"]!.AsArray().ShouldNotBeEmpty();
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [GeneratedRegex(@"(?<![\w/.-])(charts|infra|functions|workers|tests)/[\w./$-]+")]
    private static partial Regex Paths();
}
