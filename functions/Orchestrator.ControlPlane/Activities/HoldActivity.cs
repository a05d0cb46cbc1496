using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.Core.Accounts;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Activities;

/// <summary>Sets a batch job's money aside.</summary>
public sealed class HoldActivity(IActorProxyFactory actors) : IActivity<JobSpec, HoldAnswer>
{
    /// <summary>Registered name.</summary>
    public const string Name = "hold";

    /// <inheritdoc />
    public async Task<HoldAnswer> RunAsync(ActivityContext context, JobSpec input)
    {
        var held = await actors.Account(input.Owner).HoldAsync(new Hold(input.Job.Value, input.Assured.Total, input.HoldExpiresAt));
        return new HoldAnswer(held.Accepted, held.Status switch
        {
            HoldStatus.Held => "",
            HoldStatus.InsufficientFunds => $"The job may cost up to {input.Assured.Total} micro-credits and {held.Available} are available.",
            HoldStatus.TooManyHolds => "The account has too many jobs in progress.",
            _ => "The job is closed already.",
        });
    }
}
