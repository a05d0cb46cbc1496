using Orchestrator.Durable;

namespace Orchestrator.Functions.Durable;

/// <summary>Asks whether a child may have the id that its parent chose.</summary>
/// <param name="Child">The id.</param>
/// <param name="Attempt">Attempt by the parent's policy: from the second on, the id may be that of the finished attempt before.</param>
internal sealed record ChildClaim(string Child, int Attempt);

/// <summary>
/// Whether an id is free for a child. Two parents that ask at the same moment may both be told so: ids that more than one parent derives must not be started
/// by both at once.
/// </summary>
internal sealed class ClaimChildActivity(IWorkflowClient workflows) : IActivity<ChildClaim, bool>
{
    public const string Name = "claim-child";

    public async Task<bool> RunAsync(ActivityContext context, ChildClaim input)
    {
        var taken = await workflows.GetAsync(input.Child, context.CancellationToken);
        return taken is null || (input.Attempt > 1 && taken.IsFinished && taken.ParentInstanceId == context.InstanceId);
    }
}
