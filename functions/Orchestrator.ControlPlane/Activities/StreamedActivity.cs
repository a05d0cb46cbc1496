using Orchestrator.ControlPlane.Streaming;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Activities;

/// <summary>
/// Reads what the chains of a cancelled job have streamed so far, and how much of it as many of them as must agree have in common. Runs before their sessions
/// are ended: an edge that does not show its stream any more is not paid for it.
/// </summary>
public sealed class StreamedActivity(EdgeStream edges) : IActivity<DispatchRequest, StreamedAnswer>
{
    /// <summary>Registered name.</summary>
    public const string Name = "streamed";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    public async Task<StreamedAnswer> RunAsync(ActivityContext context, DispatchRequest input)
    {
        var job = input.Job;
        var streams = await Task.WhenAll(input.Chains.Select(async chain => new StreamedTokens(
            chain.Session, await edges.SoFarAsync(chain, job.Choices, job.MaxCompletionTokens, Patience, context.CancellationToken))));
        return CommonPrefix.Of(streams, job.Chains);
    }
}
