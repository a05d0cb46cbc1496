using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Contracts;
using Orchestrator.TestKit;

namespace Orchestrator.Gateway.Tests.Kit;

/// <summary>The control plane's door for answers: takes what has a header, says 403 else.</summary>
internal sealed class ControlPlaneDoor : IAsyncDisposable
{
    private readonly WebApplication web;

    private ControlPlaneDoor(WebApplication web) => this.web = web;

    public Recorder<(string Demand, string Signed, byte[] File)> Came { get; } = new();

    /// <summary>Requests that have begun.</summary>
    public Recorder<string> Arrived { get; } = new();

    /// <summary>Files are taken when this is over.</summary>
    public TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Status { get; set; } = 200;

    /// <summary>Base address, as the gateway's options name it.</summary>
    public Uri Address { get; private set; } = null!;

    public static async Task<ControlPlaneDoor> StartAsync(bool open = true)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var door = new ControlPlaneDoor(builder.Build());
        if (open)
            door.Open.SetResult();
        door.web.UseRouting();
        door.web.MapPost("/api/demands/{id}/answer", door.TakeAsync);
        await door.web.StartAsync();
        door.Address = new Uri(new Uri(door.web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()), "/api/demands");
        return door;
    }

    public ValueTask DisposeAsync() => web.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        Arrived.Add(http.Request.Path);
        await Open.Task;
        string signed = http.Request.Headers[EvidenceDemand.AnswerHeader].ToString();
        using var file = new MemoryStream();
        await http.Request.Body.CopyToAsync(file);
        http.Response.StatusCode = signed.Length == 0 ? 403 : Status;
        if (http.Response.StatusCode == 200)
            Came.Add(((string)http.Request.RouteValues["id"]!, signed, file.ToArray()));
    }
}
