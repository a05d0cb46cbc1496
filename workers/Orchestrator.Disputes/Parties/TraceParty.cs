using Orchestrator.Contracts;
using Orchestrator.Disputes.Evidence;
using Orchestrator.Disputes.Traces;
using Orchestrator.Verification;

namespace Orchestrator.Disputes.Parties;

/// <summary>Answers for one party of a dispute, defender or challenger alike, from its own trace. Not thread-safe.</summary>
/// <param name="trace">Ends with the disputed chunk.</param>
/// <param name="executionClass">The class it runs in.</param>
/// <param name="key">Signs what the party says.</param>
/// <param name="time">Stamps it.</param>
public sealed class TraceParty(StageTrace trace, ExecutionClass executionClass, SigningKey key, TimeProvider time)
{
    /// <summary>Answers <see cref="TraceQuestion.States"/> or <see cref="TraceQuestion.Leaf"/>.</summary>
    /// <param name="query">Checked by <see cref="DisputeChecks"/>.</param>
    /// <exception cref="InvalidDataException">The trace has no such step.</exception>
    public SignedMessage Say(TraceQuery query)
    {
        foreach (long step in query.Steps)
            Within(step, query.Question == TraceQuestion.States ? trace.Steps : trace.Steps - 1);
        if (query.Question == TraceQuestion.States)
        {
            var states = new TraceStates(
                TraceStates.CurrentSchema, key.Node, query.Dispute, executionClass, trace.Layout.StepsPerPass, trace.Steps,
                query.Steps, [.. query.Steps.Select(step => trace.State((int)step))], time.GetUtcNow());
            return MessageSigning.Seal(MessageTypes.TraceStates, states, ContractsJson.Default.TraceStates, key);
        }

        var (outputs, path) = EvidenceBuilder.Leaf(trace, (int)query.Steps[0]);
        var leaf = new TraceLeaf(TraceLeaf.CurrentSchema, key.Node, query.Dispute, query.Steps[0], outputs, path, time.GetUtcNow());
        return MessageSigning.Seal(MessageTypes.TraceLeaf, leaf, ContractsJson.Default.TraceLeaf, key);
    }

    /// <summary>Answers <see cref="TraceQuestion.StepInputs"/> or <see cref="TraceQuestion.ChunkOutputs"/> with a <see cref="TraceEvidenceFile"/>.</summary>
    /// <param name="query">Checked by <see cref="DisputeChecks"/>.</param>
    /// <exception cref="InvalidDataException">The trace has no such step.</exception>
    public IReadOnlyList<TraceEvidence> Show(TraceQuery query)
    {
        if (query.Question == TraceQuestion.ChunkOutputs)
            return EvidenceBuilder.ChunkOutputs(trace, ChunkPlan.At(query.PromptTokens, query.Tokens, query.Chunk).Passes);
        Within(query.Steps[0], trace.Steps - 1);
        return EvidenceBuilder.StepInputs(trace, (int)query.Steps[0]);
    }

    private void Within(long step, int most)
    {
        if (step > most)
            throw new InvalidDataException($"The trace has {trace.Steps} steps, there is no {step}.");
    }
}
