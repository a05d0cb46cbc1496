using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestrator.Durable.Tests.Harness;

namespace Orchestrator.Durable.Tests;

public sealed class Hosting
{
    [Fact]
    public async Task The_engine_starts_and_stops_with_its_host_and_goes_on_in_the_next()
    {
        var folder = Directory.CreateTempSubdirectory("hosting-");
        try
        {
            using (var first = Build(folder))
            {
                await first.StartAsync();
                await first.Services.GetRequiredService<IWorkflowClient>().ScheduleAsync("w", 20, "i");
                await first.StopAsync();
            }
            using var second = Build(folder);
            await second.StartAsync();
            var client = second.Services.GetRequiredService<IWorkflowClient>();

            await client.RaiseEventAsync("i", "go", 2);

            (await client.WaitForCompletionAsync("i").WaitAsync(ContractHost.Patience)).ReadOutput<int>().ShouldBe(42);
            await second.StopAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_class_that_is_no_workflow_cannot_be_registered() =>
        Should.Throw<ArgumentException>(() => new ServiceCollection().AddWorkflow<string>("w")).Message.ShouldContain("implement exactly one");

    static IHost Build(DirectoryInfo folder)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services
            .AddActivity<int, int>("double", (_, x) => Task.FromResult(2 * x))
            .AddWorkflow<int, int>("w", async (context, x) =>
                await context.CallActivityAsync<int>("double", x) + await context.WaitForEventAsync<int>("go"))
            .AddDurableEngine(o => o.JournalPath = Path.Combine(folder.FullName, "journal.db"));
        return builder.Build();
    }
}
