using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Tests.Availability;

/// <summary>Where the platform takes answers to demands: keeps what comes and says what the test wants.</summary>
internal sealed class AnswerDoor : IAsyncDisposable
{
    private readonly WebApplication web;

    private AnswerDoor(WebApplication web) => this.web = web;

    /// <summary>Statuses to answer with, in order; the last stays.</summary>
    public ConcurrentQueue<int> Statuses { get; } = new([200]);

    /// <summary>Signed files that came.</summary>
    public ConcurrentQueue<(NodeId Sender, DemandId Demand, byte[] File)> Came { get; } = [];

    public Uri Address { get; private set; } = null!;

    public static async Task<AnswerDoor> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var door = new AnswerDoor(builder.Build());
        door.web.UseRouting();
        door.web.MapPost("/answer", door.TakeAsync);
        await door.web.StartAsync();
        door.Address = new Uri(new Uri(door.web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()), "/answer");
        return door;
    }

    public ValueTask DisposeAsync() => web.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        string header = http.Request.Headers[EvidenceDemand.AnswerHeader].ToString();
        if (header.Length == 0)
        {
            http.Response.StatusCode = 403;
            return;
        }

        var message = JsonSerializer.Deserialize(Convert.FromBase64String(header), ContractsJson.Default.SignedMessage);
        MessageSigning.TryOpen(message, MessageTypes.DemandAnswer, ContractsJson.Default.DemandAnswer, out var answer, out string? error).ShouldBeTrue(error);
        MessageSigning.Signer(message!).ShouldBe(answer.Node);
        using var file = new MemoryStream();
        await http.Request.Body.CopyToAsync(file);
        Statuses.TryPeek(out int status);
        if (Statuses.Count > 1)
            Statuses.TryDequeue(out status);
        if (status == 200)
            Came.Enqueue((answer.Node, answer.Demand, file.ToArray()));
        http.Response.StatusCode = status;
    }
}
