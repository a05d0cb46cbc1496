using System.Diagnostics;
using System.Text.Json.Nodes;
using Orchestrator.Cli;

namespace Orchestrator.Integration.Tests;

/// <summary>Workers on machines that nothing can connect to: each in a network namespace that lets connections out and none in, joined with the ticket that <c>up</c> prints.</summary>
[Collection(nameof(OneAtATime))]
public sealed class OutboundOnlyTests : IDisposable
{
    private const string Question = "Count from 3 to 20.";
    private const int MaxTokens = 96;
    private const int Workers = 4;

    private readonly string folder = Directory.CreateTempSubdirectory("orchestrator-netns-").FullName;

    [Fact]
    public async Task Workers_that_only_dial_out_join_with_a_ticket_and_answer_as_the_uncut_model()
    {
        var cancel = TestContext.Current.CancellationToken;

        var result = JsonNode.Parse(await RunAsync(cancel))!;

        using var uncut = await UncutModel.LoadAsync(BundledModel.Path, cancel);
        $"{result["answer"]!["text"]}".ShouldBe(uncut.Answer(Question, MaxTokens).Text);
        result["listening"]!.GetValue<int>().ShouldBeGreaterThan(0);
        result["open"]!.GetValue<int>().ShouldBe(0);
        var stages = result["answer"]!["orchestrator"]!["chains"]![0]!["stages"]!.AsArray();
        stages.Select(s => $"{s!["host"]}").ShouldBe(Enumerable.Range(1, Workers).Select(n => $"host-{n}"), ignoreOrder: true);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task<string> RunAsync(CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(5));
        string[] arguments = [typeof(CommandLine).Assembly.Location, folder, $"{Workers}", Question, $"{MaxTokens}"];
        using var process = Process.Start(new ProcessStartInfo(SourceTree.OutboundOnly, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            process.ExitCode.ShouldBe(0, $"{await errors}{Logs()}");
            return await output;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException("no answer in 5 minutes" + Logs());
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private string Logs() => string.Concat(Directory.EnumerateFiles(folder, "*.log").Select(f => $"\n== {Path.GetFileName(f)}\n{File.ReadAllText(f)}"));
}
