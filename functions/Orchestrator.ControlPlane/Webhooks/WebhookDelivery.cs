using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Webhooks;

/// <summary>Delivers one event at least once, with growing pauses between attempts; instance id = event id. A job never waits for it.</summary>
public sealed class WebhookDelivery : IWorkflow<WebhookOrder, WebhookAttempt>
{
    /// <summary>Registered name.</summary>
    public const string Name = "webhook-delivery";

    private static readonly RetryPolicy Pauses = new(1, TimeSpan.FromSeconds(2)) { Backoff = 4 };

    /// <inheritdoc />
    public async Task<WebhookAttempt> RunAsync(IWorkflowContext context, WebhookOrder input)
    {
        for (int attempt = 1; ; attempt++)
        {
            var made = await context.CallActivityAsync<WebhookAttempt>(DeliverWebhookActivity.Name, input);
            if (made.Result != WebhookResult.Failed || attempt >= input.MaxAttempts)
                return made;
            context.SetCustomStatus(made.Detail);
            await context.CreateTimerAsync(context.UtcNow + Pauses.DelayAfter(attempt));
        }
    }
}

/// <summary>An event to deliver.</summary>
/// <param name="Url">Where to.</param>
/// <param name="Event">What.</param>
/// <param name="MaxAttempts">Attempts in all.</param>
public sealed record WebhookOrder(string Url, WebhookEvent Event, int MaxAttempts);
