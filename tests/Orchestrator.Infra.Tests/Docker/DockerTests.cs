using Orchestrator.Infra.Tests.Kit;

namespace Orchestrator.Infra.Tests.Docker;

public sealed class DockerTests
{
    /// <summary>Every Dockerfile, as the contract between images and charts names them.</summary>
    public static TheoryData<string> Images => ["actors", "controller", "functions", "gateway", "worker", "worker-gpu"];

    private static string Folder => Repository.At("infra", "docker");

    [Fact]
    public void Every_image_has_a_file_and_every_file_is_an_image() =>
        Directory.GetFiles(Folder, "*.Dockerfile").Select(f => Path.GetFileNameWithoutExtension(f)).ShouldBe(Images.Select(i => i.Data), ignoreOrder: true);

    [Theory]
    [MemberData(nameof(Images))]
    public void An_image_keeps_to_the_rules(string image)
    {
        var file = Dockerfile.Load(Path.Combine(Folder, $"{image}.Dockerfile"));

        DockerRules.Problems(file).ShouldBeEmpty();
        file.Stages.Count.ShouldBe(2);
        file.Final.All("LABEL").Single().Words.ShouldContain($"org.opencontainers.image.title=\"orchestrator-{image}\"");
    }

    [Theory]
    [MemberData(nameof(Images))]
    public async Task The_linter_finds_nothing(string image) => (await LintAsync(Path.Combine(Folder, $"{image}.Dockerfile"))).ShouldBeEmpty();

    [Fact]
    public async Task The_linter_works()
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "FROM a:1\nCOPPY . .\n", TestContext.Current.CancellationToken);
            (await LintAsync(file)).ShouldContain("COPPY");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("mcr.microsoft.com/dotnet/sdk:10.0-noble AS build", "mcr.microsoft.com/dotnet/sdk AS build", "needs a tag")]
    [InlineData("aspnet:10.0-noble-chiseled", "aspnet:latest", "needs a tag")]
    [InlineData("aspnet:10.0-noble-chiseled", "sdk:10.0", "must not carry the SDK")]
    [InlineData("USER 65532:65532", "USER root", "must run as USER")]
    [InlineData("USER 65532:65532\n", "", "must run as USER")]
    [InlineData("COPY workers workers", "COPY wokers workers", "no such file")]
    [InlineData("COPY workers workers", "COPY tests workers", ".dockerignore")]
    [InlineData("Orchestrator.Actors.Host -c", "Orchestrator.Actor.Host -c", "no such project")]
    [InlineData("COPY functions functions\n", "", "was not copied")]
    [InlineData("-o /app", "-o /out", "never reaches the image")]
    [InlineData("--from=build", "--from=built", "no such stage")]
    [InlineData("ARG TARGETARCH\n", "", "cross-building")]
    [InlineData("--platform=$BUILDPLATFORM ", "", "cross-building")]
    [InlineData("Orchestrator.Actors.Host.dll", "Orchestrator.Actors.dll", "entry point")]
    [InlineData("WORKDIR /app", "ENV API_TOKEN=x", "secrets do not belong")]
    [InlineData("WORKDIR /app", "HEALTHCHECK CMD true", "HEALTHCHECK")]
    [InlineData("WORKDIR /app", "RUN apt-get update && apt-get install -y curl", "removes its lists")]
    [InlineData("EXPOSE 8080", "RUN touch /x\nEXPOSE 8080", "before USER")]
    public void A_broken_rule_is_noticed(string good, string bad, string problem)
    {
        string text = File.ReadAllText(Path.Combine(Folder, "actors.Dockerfile"));
        text.ShouldContain(good);

        DockerRules.Problems(Dockerfile.Parse("broken", text.Replace(good, bad))).ShouldContain(p => p.Contains(problem));
    }

    [Theory]
    [InlineData("**/bin")]
    [InlineData("**/obj")]
    [InlineData("**/*.key")]
    [InlineData("**/local.settings.json")]
    public void What_is_built_or_secret_stays_out_of_the_context(string pattern) => Ignore.Excludes(pattern).ShouldBeTrue();

    private static async Task<string> LintAsync(string file)
    {
        string linter = Repository.At("tests", "Orchestrator.Infra.Tests", "lint", "node_modules", "dockerfile-utils", "bin", "dockerfile-utils");
        if (!File.Exists(linter))
            throw new InvalidOperationException($"The Dockerfile linter is not at {linter}: run npm ci --ignore-scripts in tests/Orchestrator.Infra.Tests/lint, or tests/run.");
        var (_, output, error) = await Tool.RunAsync("node", Repository.Root, linter, "lint", file);
        return (output + error).Trim();
    }
}
