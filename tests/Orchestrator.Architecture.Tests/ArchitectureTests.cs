using Orchestrator.Architecture.Tests.Rules;

namespace Orchestrator.Architecture.Tests;

/// <summary>Every rule over the real tree, and over something that breaks it: a rule that cannot fail proves nothing.</summary>
public sealed class ArchitectureTests
{
    private const string Workflows = "functions/Orchestrator.ControlPlane/Workflows";

    [Fact]
    public void Projects_reference_only_whom_they_may()
    {
        var projects = Repository.Projects();

        projects.Select(p => p.Name).ShouldContain("Orchestrator.Core");
        ReferenceRules.Violations(projects).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("workers/Orchestrator.Worker", "../../functions/Orchestrator.Core/Orchestrator.Core.csproj", "Orchestrator.Worker must not reference Orchestrator.Core.")]
    [InlineData("functions/Orchestrator.Core", "../Orchestrator.Durable/Orchestrator.Durable.csproj", "Orchestrator.Core must not reference Orchestrator.Durable.")]
    [InlineData("functions/Orchestrator.ControlPlane", @"..\Orchestrator.Actors\Orchestrator.Actors.csproj", "Orchestrator.ControlPlane must not reference Orchestrator.Actors.")]
    [InlineData("functions/Orchestrator.Local", "../../tests/Orchestrator.TestKit/Orchestrator.TestKit.csproj", "Orchestrator.Local must not reference Orchestrator.TestKit.")]
    public void A_forbidden_reference_is_found(string folder, string reference, string violation) =>
        ReferenceRules.Violations([Project(folder, $"<ProjectReference Include=\"{reference}\" />")]).ShouldBe([violation]);

    [Fact]
    public void An_unknown_project_is_found_and_tests_are_free()
    {
        ReferenceRules.Violations([Project("functions/Orchestrator.Novelty", "")]).ShouldHaveSingleItem().ShouldContain("new project");
        ReferenceRules.Violations([Project("tests/Orchestrator.Any.Tests", "<ProjectReference Include=\"../../functions/Orchestrator.Local/Orchestrator.Local.csproj\" />")]).ShouldBeEmpty();
    }

    [Fact]
    public void Projects_use_only_packages_they_may() => PackageRules.Violations(Repository.Projects()).ShouldBeEmpty();

    [Theory]
    [InlineData("functions/Orchestrator.Core", "<PackageReference Include=\"Dapr.Client\" />")]
    [InlineData("functions/Orchestrator.Core", "<FrameworkReference Include=\"Microsoft.AspNetCore.App\" />")]
    [InlineData("workers/Orchestrator.Contracts", "<PackageReference Include=\"System.Numerics.Tensors\" />")]
    [InlineData("workers/Orchestrator.Worker", "<PackageReference Include=\"Microsoft.ML.OnnxRuntime\" />")]
    [InlineData("functions/Orchestrator.Cli", "<PackageReference Include=\"Microsoft.ML.OnnxRuntime.Managed\" />")]
    [InlineData("functions/Orchestrator.Durable", "<PackageReference Include=\"Dapr.Client\" />")]
    [InlineData("tests/Orchestrator.Any.Tests", "<PackageReference Include=\"OpenAI\" Version=\"2.0.0\" />")]
    public void A_forbidden_package_is_found(string folder, string item) =>
        PackageRules.Violations([Project(folder, item)]).ShouldHaveSingleItem();

    [Fact]
    public void Every_project_is_in_the_solution() =>
        SolutionRules.Violations(Repository.Read("Orchestrator.sln"), Repository.Files(".csproj")).ShouldBeEmpty();

    [Fact]
    public void A_project_that_is_not_listed_or_not_there_is_found() =>
        SolutionRules.Violations("""Project("{F}") = "A", "functions\A\A.csproj", "{1}" """, ["functions/B/B.csproj"]).Count.ShouldBe(2);

    [Fact]
    public void The_top_level_is_fixed() =>
        TopLevelRules.Violations(Directory.EnumerateFileSystemEntries(Repository.Root).Select(e => Path.GetFileName(e)!), Repository.Read(".gitignore")).ShouldBeEmpty();

    [Fact]
    public void A_stranger_at_the_top_level_is_found() =>
        TopLevelRules.Violations(["functions", ".ci", "Directory.Build.props", "artifacts", "notes.md", "src"], "artifacts/\n")
            .ShouldBe(["notes.md does not belong at the top level.", "src does not belong at the top level."]);

    [Fact]
    public void Files_stay_small() =>
        FileSizeRules.Violations([.. Repository.Files(".cs").Select(p => (p, Repository.Read(p).Count(c => c == '\n')))]).ShouldBeEmpty();

    [Fact]
    public void Files_that_grew_are_found()
    {
        FileSizeRules.Violations([("a.cs", 10), ("b.cs", 501), ("c.cs", 20)]).ShouldContain(v => v.Contains("b.cs has 501 lines"));
        FileSizeRules.Violations([("a.cs", 81), ("b.cs", 81), ("c.cs", 20)]).ShouldHaveSingleItem().ShouldContain("median");
        FileSizeRules.Violations([.. Enumerable.Range(0, 10).Select(i => ($"{i}.cs", i < 8 ? 10 : 400))]).ShouldHaveSingleItem().ShouldContain("One file in ten");
        FileSizeRules.Violations([("big.g.cs", 9000), ("a.cs", 10)]).ShouldBeEmpty();
    }

    [Fact]
    public void Usings_are_sorted() => UsingOrderRules.Violations(Repository.Files(".cs").Select(p => (p, Repository.Read(p)))).ShouldBeEmpty();

    [Fact]
    public void Usings_that_are_not_sorted_are_found()
    {
        UsingOrderRules.Violations([("a.cs", "using B;\nusing System.IO;\n"), ("b.cs", "using B.C;\nusing B;\n")]).Count().ShouldBe(2);
        UsingOrderRules.Violations([("a.cs", "using System;\nusing System.IO;\nusing B;\nusing B.C;\nusing static A.D;\nusing A = B;\n\nnamespace N;\n")]).ShouldBeEmpty();
    }

    [Fact]
    public void Logs_are_generated_and_an_event_id_means_one_thing()
    {
        var files = Repository.Files(".cs", "functions").Concat(Repository.Files(".cs", "workers")).Select(p => (p, Repository.Read(p))).ToList();

        files.Count(f => f.Item2.Contains("[LoggerMessage(")).ShouldBeGreaterThan(10);
        LogRules.Violations(files).ShouldBeEmpty();
    }

    [Fact]
    public void A_log_by_hand_and_an_event_id_without_or_with_two_meanings_are_found() =>
        LogRules.Violations([("workers/A/x.cs", "[LoggerMessage(7, LogLevel.Error"), ("workers/A/y.cs", "[LoggerMessage(EventId = 7, Level"), ("workers/B/z.cs", "[LoggerMessage(7, [LoggerMessage(Level = 1 log.LogError(")])
            .ShouldBe([
                "workers/A/y.cs uses event id 7, which workers/A/x.cs has.",
                "workers/B/z.cs has a log method without an event id.",
                "workers/B/z.cs calls LogError: write a method with [LoggerMessage].",
            ]);

    [Fact]
    public void The_table_of_metrics_is_what_the_instruments_say()
    {
        var files = Repository.Files(".cs", "functions").Concat(Repository.Files(".cs", "workers")).Select(p => (p, Repository.Read(p))).ToList();

        MetricDocRules.Violations(files, Repository.Read("infra/docs/metrics.md")).ShouldBeEmpty();
    }

    [Fact]
    public void A_metric_that_is_not_in_the_table_or_not_there_and_a_meter_that_nobody_collects_are_found() =>
        MetricDocRules.Violations([("a.cs", """new Meter("Mine"); m.CreateCounter<long>("a.sent", "By", "Sent.")""")], "| `b` | gauge | Gone. | |\n").ShouldBe([
            "a.cs: 'Mine' must start with 'Orchestrator.', or nobody collects it.",
            "The table of metrics has no row '| `a_sent_bytes_total` | counter | Sent. |'.",
            "No instrument makes the row '| `b` | gauge | Gone. | |'.",
        ]);

    [Fact]
    public void Workflow_code_is_deterministic()
    {
        var files = Repository.Files(".cs", Workflows);
        files.ShouldNotBeEmpty($"{Workflows} has moved: tell this test where to.");

        files.SelectMany(f => BannedTokens.InWorkflows.Violations(f, Repository.Read(f))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("var now = DateTime.UtcNow;")]
    [InlineData("var now = DateTimeOffset.UtcNow;")]
    [InlineData("var id = Guid.NewGuid();")]
    [InlineData("int x = new Random(1).Next();")]
    [InlineData("await Task.Delay(1);")]
    [InlineData("await Task . Run(Work);")]
    [InlineData("HttpClient http;")]
    [InlineData("void F(TimeProvider time) { }")]
    [InlineData("await call.ConfigureAwait(false);")]
    [InlineData("/* fine */ var id = Guid.NewGuid(); // Random")]
    [InlineData("Use('\"', Guid.NewGuid(), \"//\");")]
    public void Nondeterministic_workflow_code_is_found(string code) =>
        BannedTokens.InWorkflows.Violations("Workflow.cs", code).ShouldHaveSingleItem().ShouldStartWith("Workflow.cs(1)");

    [Theory]
    [InlineData("DateTimeOffset at = context.Now;")]
    [InlineData("await Task.WhenAll(a, b);")]
    [InlineData("// DateTime.UtcNow would differ on replay")]
    [InlineData("string s = \"Guid.NewGuid()\";")]
    [InlineData("string s = @\"Random \"\" HttpClient\";")]
    [InlineData("int RandomSeed = 1;")]
    public void Deterministic_workflow_code_is_left_alone(string code) =>
        BannedTokens.InWorkflows.Violations("Workflow.cs", code).ShouldBeEmpty();

    [Fact]
    public void Lines_are_counted_through_comments_and_strings() =>
        BannedTokens.InWorkflows.Violations("W.cs", "/* a\nb */\nstring s = \"\"\"\n  Random\n  \"\"\";\nvar g = Guid.NewGuid();").ShouldHaveSingleItem().ShouldStartWith("W.cs(6)");

    [Fact]
    public void Core_is_pure()
    {
        var files = Repository.Files(".cs", "functions/Orchestrator.Core");

        files.ShouldNotBeEmpty();
        files.SelectMany(f => BannedTokens.InCore.Violations(f, Repository.Read(f))).ShouldBeEmpty();
        BannedTokens.InCore.Violations("A.cs", "async Task F(TimeProvider time) => File.Delete(path);").Count.ShouldBe(4);
    }

    private static ProjectFile Project(string folder, string items) =>
        ProjectFile.Parse($"{folder}/{Path.GetFileName(folder)}.csproj", $"<Project Sdk=\"Microsoft.NET.Sdk\"><ItemGroup>{items}</ItemGroup></Project>");
}
