using Microsoft.Extensions.Logging;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Webhooks;

/// <summary>Makes one attempt to deliver an event; receivers drop repeats by the event's id.</summary>
public sealed partial class DeliverWebhookActivity(WebhookSender sender, ILogger<DeliverWebhookActivity> log) : IActivity<WebhookOrder, WebhookAttempt>
{
    /// <summary>Registered name.</summary>
    public const string Name = "deliver-webhook";

    /// <inheritdoc />
    public async Task<WebhookAttempt> RunAsync(ActivityContext context, WebhookOrder input)
    {
        var attempt = await sender.SendAsync(input.Url, input.Event, context.CancellationToken);
        if (attempt.Result != WebhookResult.Delivered)
            NotDelivered(log, input.Event.Id, attempt.Result, attempt.Detail);
        return attempt;
    }

    [LoggerMessage(EventId = 70, Level = LogLevel.Information, Message = "Event {Event} was not delivered ({Result}): {Detail}")]
    private static partial void NotDelivered(ILogger log, string @event, WebhookResult result, string detail);
}
