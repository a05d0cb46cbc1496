using System.Text.RegularExpressions;
using Orchestrator.Infra.Tests.Kit;

namespace Orchestrator.Infra.Tests.Docker;

/// <summary>What every Dockerfile of ours keeps to; a linter knows none of it.</summary>
internal static partial class DockerRules
{
    private const string User = "65532:65532";

    public static IReadOnlyList<string> Problems(Dockerfile file) =>
        [.. Bases(file), .. Copies(file), .. Publishes(file), .. Run(file)];

    private static IEnumerable<string> Bases(Dockerfile file)
    {
        foreach (var stage in file.Stages.Where(s => file.Stages.All(other => other.Name != s.Base)))
        {
            if (!Pinned().IsMatch(stage.Base))
                yield return $"base {stage.Base} needs a tag with a version, or a digest";
        }

        if (file.Final.Base.Contains("/sdk", StringComparison.Ordinal))
            yield return "the image must not carry the SDK";
    }

    private static IEnumerable<string> Copies(Dockerfile file)
    {
        foreach (var copy in file.Stages.SelectMany(s => s.All("COPY")))
        {
            if (copy.Flags.TryGetValue("from", out string? from))
            {
                if (file.Stages.All(s => s.Name != from))
                    yield return $"COPY --from={from}: there is no such stage";
                continue;
            }

            foreach (string source in copy.Words.SkipLast(1))
            {
                if (!Path.Exists(Repository.At(source)))
                    yield return $"COPY {source}: there is no such file in the repository";
                if (!Ignore.Admits(source))
                    yield return $"COPY {source}: .dockerignore keeps it out";
            }
        }
    }

    private static IEnumerable<string> Publishes(Dockerfile file)
    {
        foreach (var stage in file.Stages)
        {
            foreach (var words in stage.All("RUN").Select(r => r.Words).Where(w => w is ["dotnet", "publish", ..]))
            {
                string project = words[2];
                if (!File.Exists(Repository.At(project, Path.GetFileName(project) + ".csproj")))
                    yield return $"dotnet publish {project}: there is no such project";
                if (!stage.All("COPY").Any(c => project.StartsWith(c.Words[0] + "/", StringComparison.Ordinal)))
                    yield return $"dotnet publish {project}: it was not copied";
                if (words.Contains("$TARGETARCH") && (stage.Platform != "$BUILDPLATFORM" || !stage.All("ARG").Any(a => a.Words[0] == "TARGETARCH")))
                    yield return "cross-building needs FROM --platform=$BUILDPLATFORM and ARG TARGETARCH";
                string output = words[Array.IndexOf([.. words], "-o") + 1];
                var carry = file.Final.All("COPY").SingleOrDefault(c => c.Flags.GetValueOrDefault("from") == stage.Name);
                if (carry is null || carry.Words[0] != output)
                    yield return $"what is published to {output} never reaches the image";
                string assembly = Path.GetFileName(project);
                if (file.Final.All("ENTRYPOINT").SingleOrDefault() is { } entry && !entry.Words.Any(w => w == $"{assembly}.dll" || w.EndsWith($"/{assembly}", StringComparison.Ordinal)))
                    yield return $"the entry point is not {assembly}";
            }
        }
    }

    private static IEnumerable<string> Run(Dockerfile file)
    {
        if (file.Final.All("USER").LastOrDefault()?.Words is not [User])
            yield return $"the image must run as USER {User}";
        if (file.Final.Instructions.FindLastIndex(i => i.Keyword == "RUN") > file.Final.Instructions.FindIndex(i => i.Keyword == "USER") && file.Final.All("RUN").Any())
            yield return "RUN comes before USER, as it may need root";
        if (file.Stages.SelectMany(s => s.Instructions).Any(i => i.Keyword is "ADD" or "HEALTHCHECK"))
            yield return "ADD fetches and unpacks, HEALTHCHECK is Kubernetes' affair: use COPY, and none";
        if (file.Stages.SelectMany(s => s.All("ENV").Concat(s.All("ARG"))).SelectMany(i => i.Words).Any(w => SecretName().IsMatch(w)))
            yield return "secrets do not belong in an image";
        foreach (var run in file.Stages.SelectMany(s => s.All("RUN")).Where(r => r.Words.Contains("apt-get")))
        {
            if (!run.Words.Contains("--no-install-recommends") || !string.Join(' ', run.Words).Contains("rm -rf /var/lib/apt/lists", StringComparison.Ordinal))
                yield return "apt-get installs without recommendations and removes its lists";
        }
    }

    [GeneratedRegex(@"(:[^:@]*\d[^:@]*|@sha256:[0-9a-f]{64})$")]
    private static partial Regex Pinned();

    [GeneratedRegex("^[^=]*(password|secret|token|apikey|api_key)[^=]*=", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();
}
