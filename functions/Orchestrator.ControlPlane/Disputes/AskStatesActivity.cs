using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Disputes;

/// <summary>Asks a party for states of its trace and keeps the signed answer. Fails while there is none.</summary>
public sealed class AskStatesActivity(TraceQuestions questions) : IActivity<TraceQuery, TraceStates>
{
    /// <summary>Registered name.</summary>
    public const string Name = "ask-states";

    /// <inheritdoc />
    public async Task<TraceStates> RunAsync(ActivityContext context, TraceQuery input)
    {
        var answer = await questions.SignedAsync(input, MessageTypes.TraceStates, ContractsJson.Default.TraceStates, a => a.Node, context.CancellationToken);
        return DisputeChecks.Problem(answer, input) is { } problem ? throw new NodeSilentException($"The answer of {input.Node} is refused: {problem}.") : answer;
    }
}

/// <summary>Asks a party to open the leaf of a step. Fails while there is no answer.</summary>
public sealed class OpenLeafActivity(TraceQuestions questions) : IActivity<TraceQuery, TraceLeaf>
{
    /// <summary>Registered name.</summary>
    public const string Name = "open-leaf";

    /// <inheritdoc />
    public async Task<TraceLeaf> RunAsync(ActivityContext context, TraceQuery input)
    {
        var answer = await questions.SignedAsync(input, MessageTypes.TraceLeaf, ContractsJson.Default.TraceLeaf, a => a.Node, context.CancellationToken);
        return DisputeChecks.Problem(answer, input) is { } problem ? throw new NodeSilentException($"The answer of {input.Node} is refused: {problem}.") : answer;
    }
}

/// <summary>Gets a party's trace evidence into the blob store; the referee checks it. Fails while there is none.</summary>
public sealed class FetchTraceActivity(TraceQuestions questions) : IActivity<TraceQuery, EvidenceFound>
{
    /// <summary>Registered name.</summary>
    public const string Name = "fetch-trace";

    /// <inheritdoc />
    public Task<EvidenceFound> RunAsync(ActivityContext context, TraceQuery input) => questions.FileAsync(input, context.CancellationToken);
}
