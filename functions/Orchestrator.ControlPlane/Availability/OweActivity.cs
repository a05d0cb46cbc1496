using Dapr.Actors.Client;
using Microsoft.Extensions.Logging;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Availability;

/// <summary>Keeps a node from checked work that left a demand unanswered and may not have been able to answer: or being unheard would cost nothing.</summary>
public sealed partial class OweActivity(IActorProxyFactory actors, ILogger<OweActivity> log) : IActivity<Owing, bool>
{
    /// <summary>Registered name.</summary>
    public const string Name = "owe";

    /// <inheritdoc />
    public async Task<bool> RunAsync(ActivityContext context, Owing input)
    {
        Unanswered(log, input.Node.Value, input.Demand.Value, input.Until);
        return await actors.Node(input.Node).OweAsync(input.Until) is not null;
    }

    [LoggerMessage(EventId = 62, Level = LogLevel.Warning, Message = "Node {Node} left demand {Demand} unanswered while the platform could not hear from it or it had not shown that it can answer: it gets no checked work until {Until}.")]
    private static partial void Unanswered(ILogger log, string node, string demand, DateTimeOffset until);
}

/// <summary>What a node owes.</summary>
/// <param name="Node">The node.</param>
/// <param name="Demand">What it left unanswered.</param>
/// <param name="Until">How long that counts.</param>
public sealed record Owing(NodeId Node, DemandId Demand, DateTimeOffset Until);
