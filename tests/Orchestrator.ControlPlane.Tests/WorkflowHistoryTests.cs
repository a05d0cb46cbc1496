using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.ControlPlane.Tests.Histories;
using Orchestrator.Durable;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>
/// Jobs in flight outlive an upgrade: today's code of each version does what it did when the files in <c>Histories</c> were recorded.
/// </summary>
public sealed class WorkflowHistoryTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly ServiceProvider services;

    public WorkflowHistoryTests()
    {
        var collection = new ServiceCollection();
        collection.AddControlPlane(new ControlPlaneOptions
        {
            ApiKeysFile = folder.Write("keys.json", """{"keys":[{"sha256":"0000000000000000000000000000000000000000000000000000000000000000","account":"a"}]}"""u8),
            PlatformKeyFile = folder["platform.key"],
            BlobFolder = folder["blobs"],
        });
        services = collection.BuildServiceProvider();
    }

    public static TheoryData<string> Files => [.. Directory.GetFiles(StoredHistory.Folder, "*.json").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Scenarios => [.. HistoryScenario.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_job_in_flight_goes_on_under_the_code_of_today(string file) =>
        ShouldReplay(file, File.ReadAllText(Path.Combine(StoredHistory.Folder, file)));

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task What_a_job_did_just_now_it_would_do_again(string name)
    {
        var scenario = HistoryScenario.All.Single(s => s.Name == name);
        var histories = await scenario.RunAsync(TestContext.Current.CancellationToken);

        foreach (var history in histories)
            ShouldReplay($"{name}, {history.Workflow} just now", history.Json);
        if (Environment.GetEnvironmentVariable(StoredHistory.RecordSwitch) == "1")
            StoredHistory.Record(name, histories);
        foreach (string workflow in scenario.Kept)
        {
            var ran = histories.FirstOrDefault(h => h.Workflow == workflow).ShouldNotBeNull($"'{name}' began no {workflow}: {string.Join(", ", histories.Select(h => h.Workflow))}");
            StoredHistory.Files(name, workflow, ran.Version)
                .ShouldNotBeEmpty($"No history of version {ran.Version} of {workflow} is kept for this scenario: run this test with {StoredHistory.RecordSwitch}=1 and commit the files.");
        }
    }

    public void Dispose()
    {
        services.Dispose();
        folder.Dispose();
    }

    private void ShouldReplay(string what, string history)
    {
        var started = JsonDocument.Parse(history).RootElement[0].GetProperty("messages")[0];
        var (name, version) = (started.GetProperty("name").GetString(), started.GetProperty("version").GetString());
        var workflow = services.GetServices<WorkflowRegistration>().SingleOrDefault(w => w.Name == name && w.Version == version);
        workflow.ShouldNotBeNull($"{what}: version {version} of '{name}' is not registered any more. Keep it for as long as jobs that began with it may run.");
        try
        {
            HistoryReplay.Verify(history, workflow, services);
        }
        catch (NonDeterminismException e)
        {
            Assert.Fail(
                $"{what}: {e.Message} It would break jobs in flight: leave version {version} of '{name}' as it was, and record histories of the new one beside these.");
        }
    }
}
