using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Messages;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Core.Stake;
using Orchestrator.Drill.Models;
using Orchestrator.Drill.Network;
using Orchestrator.Verification;

namespace Orchestrator.Drill.Platform;

/// <summary>Reads what a chain's nodes signed. What contradicts itself needs nobody to compute anything.</summary>
public sealed class Statements(Engines engines, Treasury treasury, TimeProvider time)
{
    /// <summary>The chain's outcome if nothing speaks against it; null and a finding otherwise.</summary>
    public ChainOutcome? Read(ChainRun chain, IReadOnlyList<SignedMessage> results, List<Finding> findings)
    {
        var edge = chain.Stages[0].Node;
        var opened = results.Select(r => Open(chain, r)).OfType<OpenedResult>().ToList();
        if (results.Select(r => Digest.Of(r.Payload)).Distinct().Count() > 1)
        {
            findings.Add(new Finding(Proof.TwoSignatures, [edge.Id], "The edge signed two results of one session."));
            Contradiction(edge.Id, chain.Session, "Two signed results of one session.");
            return null;
        }

        var outcome = new ChainOutcome(Expected(chain), opened.FirstOrDefault());
        var faults = ChainResultValidator.Validate(outcome);
        if (faults.Count == 0)
            return outcome;
        findings.Add(new Finding(Proof.Receipts, [.. faults.SelectMany(f => Blamed(chain, f)).Distinct()], faults[0].Message));
        if (faults.Any(f => f.Kind == ChainFaultKind.SwappedTokens))
            Contradiction(edge.Id, chain.Session, faults[0].Message);
        return null;
    }

    private static IEnumerable<NodeId> Blamed(ChainRun chain, ChainFault fault)
    {
        yield return chain.Stages[fault.Stage ?? 0].Node.Id;
        if (fault.Link is { } link)
            yield return chain.Stages[link.Receiver].Node.Id;
    }

    private void Contradiction(NodeId node, SessionId session, string note) =>
        treasury.Slash(node, new Slash($"result:{session}", FaultKind.Contradiction, time.GetUtcNow(), null, note));

    private ExpectedChain Expected(ChainRun chain)
    {
        var job = chain.Stages[0].Job;
        return new ExpectedChain(
            job.Id, chain.Number, chain.Attempt, engines.Model.Digest, [.. chain.Stages.Select(s => new ExpectedStage(s.Node.Id, s.Shard.Layers, s.Shard.Blob))], 1, job.MaxCompletionTokens)
        {
            Ends = new AnswerEnds(engines.Model.Tokenizer.EndToken, HasStops: false),
        };
    }

    private static OpenedResult? Open(ChainRun chain, SignedMessage message) =>
        MessageSigning.TryOpen(message, MessageTypes.ChainResult, ContractsJson.Default.ChainResult, out var result, out _)
            ? ResultOpening.Open(result, MessageSigning.Signer(message), chain.Stages[0].Job.Prompt)
            : null;
}
