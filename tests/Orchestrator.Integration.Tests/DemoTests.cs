using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Orchestrator.Integration.Tests;

/// <summary>The README's first command, as a process.</summary>
[Collection(nameof(OneAtATime))]
public sealed class DemoTests
{
    [Fact]
    public async Task The_demo_proves_its_answers_in_one_JSON_document_and_leaves_nothing_behind()
    {
        string temp = Directory.CreateTempSubdirectory("orchestrator-demo-test-").FullName;
        var info = new ProcessStartInfo(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["TMPDIR"] = temp },
        };
        foreach (string argument in new[] { Path.Combine(AppContext.BaseDirectory, "orchestrator.dll"), "demo", "-o", "json" })
            info.ArgumentList.Add(argument);
        using var demo = Process.Start(info)!;
        var output = demo.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = demo.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await demo.WaitForExitAsync(TestContext.Current.CancellationToken);

        demo.ExitCode.ShouldBe(0, await errors + await output);
        var report = JsonNode.Parse(await output)!;
        report["ok"]!.GetValue<bool>().ShouldBeTrue();
        report["nodes"]!.AsArray().Select(n => n!["process"]!.GetValue<int>()).Distinct().Count().ShouldBe(8);
        foreach (var question in report["questions"]!.AsArray().Select(q => q!))
        {
            $"{question["answer"]}".ShouldBe($"{question["uncut"]}");
            question["chains_agreed"]!.GetValue<int>().ShouldBe(2);
            var hosts = question["chains"]!.AsArray().SelectMany(c => c!["stages"]!.AsArray()).Select(s => $"{s!["host"]}").ToList();
            hosts.Count.ShouldBe(8);
            hosts.Distinct().Count().ShouldBe(8, "the chains share a host");
        }

        Directory.GetFileSystemEntries(temp, "orchestrator-demo-*").ShouldBeEmpty();
        foreach (var node in report["nodes"]!.AsArray())
            IsRunning(node!["process"]!.GetValue<int>()).ShouldBeFalse("a worker outlived the demo");
        Directory.Delete(temp, recursive: true);
    }

    private static bool IsRunning(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return process.MainModule?.ModuleName is "dotnet" && !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
