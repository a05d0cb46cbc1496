using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Streaming;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Activities;

/// <summary>
/// Asks the edges of silent chains whether they still have the session. An edge that was killed cannot report its own end, and one that came back
/// quickly looks healthy by its heartbeats.
/// </summary>
public sealed class ProbeActivity(EdgeStream edges) : IActivity<DispatchRequest, IReadOnlyList<SessionId>>
{
    /// <summary>Registered name.</summary>
    public const string Name = "probe";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    public async Task<IReadOnlyList<SessionId>> RunAsync(ActivityContext context, DispatchRequest input)
    {
        var answers = await Task.WhenAll(input.Chains.Select(async chain =>
            (chain.Session, Alive: await edges.ExistsAsync(chain, Patience, context.CancellationToken))));
        return [.. answers.Where(a => !a.Alive).Select(a => a.Session)];
    }
}
