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
        var (edge, job) = (chain.Stages[0].Node, chain.Stages[0].Job);
        var opened = results.Select(Open).OfType<(NodeId Signer, ChainResult Result)>().ToList();
        if (opened.Count > 1 && opened.Skip(1).Any(second => Equivocation.Proves(opened[0].Result, second.Result)))
        {
            findings.Add(new Finding(Proof.TwoSignatures, [edge.Id], "The edge signed two results of one session."));
            Contradiction(edge.Id, chain.Session, "Two signed results of one session.");
            return null;
        }

        if (opened.Count > 0 && AnswerCheck.Problem(opened[0].Result, engines.Model.Tokenizer, [], ignoreEnd: false, job.MaxCompletionTokens) is { } untrue)
        {
            findings.Add(new Finding(Proof.Receipts, [edge.Id], untrue));
            return null;
        }

        var outcome = new ChainOutcome(Expected(chain), opened.Count == 0 ? null : ResultOpening.Open(opened[0].Result, opened[0].Signer, job.Prompt));
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
        treasury.Slash(node, new Slash($"results:{session}", FaultKind.Contradiction, time.GetUtcNow(), null, note));

    private ExpectedChain Expected(ChainRun chain)
    {
        var job = chain.Stages[0].Job;
        return new ExpectedChain(
            job.Id, chain.Number, chain.Attempt, engines.Model.Digest, [.. chain.Stages.Select(s => new ExpectedStage(s.Node.Id, s.Shard.Layers, s.Shard.Blob))], 1, job.MaxCompletionTokens);
    }

    private static (NodeId Signer, ChainResult Result)? Open(SignedMessage message) =>
        MessageSigning.TryOpen(message, MessageTypes.ChainResult, ContractsJson.Default.ChainResult, out var result, out _) ? (MessageSigning.Signer(message), result) : null;
}
