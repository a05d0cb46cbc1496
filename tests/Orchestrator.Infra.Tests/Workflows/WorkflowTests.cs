using Orchestrator.Infra.Tests.Docker;
using Orchestrator.Infra.Tests.Kit;

namespace Orchestrator.Infra.Tests.Workflows;

public sealed class WorkflowTests
{
    public static TheoryData<string> Workflows => ["ci", "images", "charts", "e2e"];

    [Fact]
    public void Every_workflow_is_known() =>
        Directory.GetFiles(Repository.At(".github", "workflows")).Select(f => Path.GetFileNameWithoutExtension(f)).ShouldBe(Workflows.Select(w => w.Data), ignoreOrder: true);

    [Theory]
    [MemberData(nameof(Workflows))]
    public void A_workflow_keeps_to_the_rules(string name)
    {
        var workflow = Load(name);

        WorkflowRules.Problems(workflow).ShouldBeEmpty();
        Yaml.Text(workflow, "name").ShouldBe(name);
        Yaml.Entries(workflow, "jobs").ShouldNotBeEmpty();
    }

    [Fact]
    public void Every_image_is_built_from_its_file_and_its_project()
    {
        var matrix = Yaml.List(Load("images"), "jobs", "image", "strategy", "matrix", "include");

        matrix.Select(m => Yaml.Text(m, "image")!).ShouldBe(DockerTests.Images.Select(i => i.Data), ignoreOrder: true);
        foreach (var image in matrix)
        {
            var file = Dockerfile.Load(Repository.At("infra", "docker", $"{Yaml.Text(image, "image")}.Dockerfile"));
            var publish = file.Stages[0].All("RUN").Single(r => r.Words is ["dotnet", "publish", ..]).Words;
            publish[2].ShouldBe(Yaml.Text(image, "project"));
            // The bill of materials is of the packages that the image has.
            var defaults = file.Stages[0].All("ARG").Select(a => a.Words[0].Split('=', 2)).Where(a => a.Length == 2).ToDictionary(a => $"${a[0]}", a => a[1]);
            publish.Where(w => w.StartsWith("-p:")).Select(w => w[3..].Split('=')).Select(p => $"{p[0]}={defaults.GetValueOrDefault(p[1], p[1])}").ShouldBe(Yaml.Text(image, "properties")!.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            bool many = file.Stages[0].Platform == "$BUILDPLATFORM";
            Yaml.Text(image, "platforms").ShouldBe(many ? "linux/amd64,linux/arm64" : "linux/amd64");
        }
    }

    [Fact]
    public void Every_chart_is_released() =>
        Yaml.List(Load("charts"), "jobs", "chart", "strategy", "matrix", "chart").Cast<string>().ShouldBe(
            Directory.GetFiles(Repository.At("charts"), "Chart.yaml", SearchOption.AllDirectories).Select(f => Path.GetFileName(Path.GetDirectoryName(f)!)), ignoreOrder: true);

    [Fact]
    public void Only_what_publishes_may_write()
    {
        foreach (string name in (string[])["ci", "e2e"])
            Yaml.Entries(Load(name), "jobs").Values.ShouldAllBe(job => Yaml.Entries(job, "permissions").Count == 0);
    }

    [Theory]
    [InlineData("actions/checkout@v4", "actions/checkout@main", "needs a version")]
    [InlineData("persist-credentials: false", "persist-credentials: true", "leave its token")]
    [InlineData("contents: read", "contents: write", "nothing else")]
    [InlineData("ubuntu-24.04", "ubuntu-latest", "runs-on")]
    [InlineData("    timeout-minutes: 90\n", "", "timeout-minutes")]
    [InlineData("run: tests/run", "run: tests/runs", "not an executable file")]
    [InlineData("run: tests/run", "run: tests/README.md", "not an executable file")]
    [InlineData("run: tests/run", "run: echo ${{ github.head_ref }}", "through env")]
    [InlineData("    runs-on:", "    permissions: { issues: write }\n    runs-on:", "must not have issues")]
    public void A_broken_rule_is_noticed(string good, string bad, string problem)
    {
        string text = File.ReadAllText(Repository.At(".github", "workflows", "ci.yml"));
        text.ShouldContain(good);

        WorkflowRules.Problems(Yaml.Map(text.Replace(good, bad))).ShouldContain(p => p.Contains(problem));
    }

    private static Dictionary<string, object?> Load(string name) => Yaml.Map(File.ReadAllText(Repository.At(".github", "workflows", $"{name}.yml")));
}
