using Orchestrator.ControlPlane.Workflows;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Activities;

/// <summary>Starts to prove who made an outvoted chain differ; the job does not wait for it. Repeats start nothing.</summary>
public sealed class BlameActivity(IWorkflowClient workflows) : IActivity<BlameInput, bool>
{
    /// <summary>Registered name.</summary>
    public const string Name = "blame-chain";

    /// <inheritdoc />
    public async Task<bool> RunAsync(ActivityContext context, BlameInput input)
    {
        await workflows.ScheduleAsync(BlameWorkflow.Name, input, input.Instance, cancellationToken: context.CancellationToken);
        return true;
    }
}
