using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Controller.Cluster;
using Orchestrator.Controller.Reconciling;
using Orchestrator.Controller.Resources;
using Orchestrator.Controller.Tests.Kit;

namespace Orchestrator.Controller.Tests;

/// <summary>What <c>kubectl describe</c> shows.</summary>
public sealed class EventTests
{
    [Theory]
    [InlineData("a", 1024)]
    [InlineData("a", 1025)]
    [InlineData("é", 1000)]
    [InlineData("xé", 1000)]
    [InlineData("😀", 500)]
    public async Task A_note_has_no_more_bytes_than_the_API_server_takes(string part, int times)
    {
        await using var server = await FakeApiServer.StartAsync();
        using var kubernetes = server.Connect();
        string message = string.Concat(Enumerable.Repeat(part, times));
        var recorder = new EventRecorder(new ClusterClient(kubernetes, TimeProvider.System), "controller-0", TimeProvider.System, NullLogger<EventRecorder>.Instance);

        await recorder.RecordAsync(Given.Model(), "Test", message, warning: false, TestContext.Current.CancellationToken);

        string note = server.Cluster.List(Kinds.Events, World.Namespace).Items.Single()["note"]!.GetValue<string>();
        int bytes = Encoding.UTF8.GetByteCount(note);
        bytes.ShouldBeInRange(Math.Min(1020, Encoding.UTF8.GetByteCount(message)), 1024);
        message.ShouldStartWith(note.TrimEnd('…'));
        note.EndsWith('…').ShouldBe(note != message);
    }
}
