using Orchestrator.Contracts;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Webhooks;

/// <summary>Starts the delivery of a job's event and returns at once; repeats start nothing.</summary>
public sealed class NotifyActivity(IWorkflowClient workflows, ControlPlaneOptions options) : IActivity<JobNotice, bool>
{
    /// <summary>Registered name.</summary>
    public const string Name = "notify";

    /// <inheritdoc />
    public async Task<bool> RunAsync(ActivityContext context, JobNotice input)
    {
        var item = WebhookEvent.Of(input.Job, input.State, input.At, input.Note);
        await workflows.ScheduleAsync(
            WebhookDelivery.Name, new WebhookOrder(input.Url, item, options.Webhooks.MaxAttempts), "webhook:" + item.Id, cancellationToken: context.CancellationToken);
        return true;
    }
}

/// <summary>A job came to a state that its owner wants to hear of.</summary>
/// <param name="Job">The job.</param>
/// <param name="Url">Where its owner wants to hear of it.</param>
/// <param name="State">The state's word, e.g. <c>completed</c>, <c>provisional</c>, <c>final</c>, <c>overturned</c>, <c>failed</c>, <c>cancelled</c>.</param>
/// <param name="At">When, by the workflow's clock.</param>
/// <param name="Note">Why, or null.</param>
public sealed record JobNotice(JobId Job, string Url, string State, DateTimeOffset At, string? Note);
