using System.Text.Json;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Diagnostics;
using Orchestrator.Core.Stake;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Stake;

/// <summary>Slashes a node for a proven fault. Repeats, and other proofs of the same fault under the same evidence id, take nothing more.</summary>
public sealed class SlashActivity(StakeDesk desk, ControlPlaneMetrics metrics) : IActivity<SlashRequest, SlashAnswer>
{
    /// <summary>Registered name.</summary>
    public const string Name = "slash";

    /// <inheritdoc />
    public async Task<SlashAnswer> RunAsync(ActivityContext context, SlashRequest input)
    {
        var answer = await desk.SlashAsync(input.Node, input.Fault, context.CancellationToken);
        if (answer.Status == StakeStatus.Applied)
            metrics.Slashed(JsonNamingPolicy.SnakeCaseLower.ConvertName(input.Fault.Slash.Fault.ToString()), answer.Amount);
        return new SlashAnswer(answer.Status, answer.Amount);
    }
}

/// <summary>Whom to slash for what.</summary>
public sealed record SlashRequest(NodeId Node, ProvenFault Fault);

/// <summary>What a slash did.</summary>
/// <param name="Status">Applied now, done before, or too old.</param>
/// <param name="Amount">Micro-credits taken now.</param>
public sealed record SlashAnswer(StakeStatus Status, long Amount);
