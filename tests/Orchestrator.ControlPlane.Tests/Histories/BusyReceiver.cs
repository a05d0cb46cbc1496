using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Orchestrator.ControlPlane.Tests.Histories;

/// <summary>Receives webhooks, but has no time for the first.</summary>
internal sealed class BusyReceiver : IAsyncDisposable
{
    private readonly WebApplication web;
    private int calls;

    private BusyReceiver(WebApplication web) => this.web = web;

    public string Address => $"{web.Urls.Single()}/hook";

    public static async Task<BusyReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var receiver = new BusyReceiver(builder.Build());
        receiver.web.Run(receiver.AnswerAsync);
        await receiver.web.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => web.DisposeAsync();

    private Task AnswerAsync(HttpContext http)
    {
        http.Response.StatusCode = Interlocked.Increment(ref calls) == 1 ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
