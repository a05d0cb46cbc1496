using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Activities;

/// <summary>Gives a job's money back.</summary>
public sealed class ReleaseActivity(IActorProxyFactory actors) : IActivity<JobSpec, bool>
{
    /// <summary>Registered name.</summary>
    public const string Name = "release";

    /// <inheritdoc />
    public async Task<bool> RunAsync(ActivityContext context, JobSpec input)
    {
        await actors.Account(input.Owner).ReleaseAsync(input.Job.Value);
        return true;
    }
}
