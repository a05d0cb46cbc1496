using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.Core.Reconciliation;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>One chain number of a job: its last attempt and what came of it.</summary>
internal sealed class ChainSlot(DispatchedChain chain, DateTimeOffset startedAt)
{
    /// <summary>The last attempt.</summary>
    public DispatchedChain Chain { get; private set; } = chain;

    /// <summary>When it was dispatched, by the workflow's clock.</summary>
    public DateTimeOffset StartedAt { get; private set; } = startedAt;

    /// <summary>How long it took to answer; null while it has not.</summary>
    public TimeSpan? Took { get; private set; }

    /// <summary>Its result; null while none came.</summary>
    public ResultArrived? Result { get; private set; }

    /// <summary>It cannot answer any more.</summary>
    public bool Lost { get; private set; }

    /// <summary>It had answered, and a node of it was proven wrong.</summary>
    public bool Rejected { get; private set; }

    /// <summary>It may still answer.</summary>
    public bool IsPending => Result is null && !Lost;

    /// <summary>Stages may still hold sessions: nothing came, or an edge gave up whose frames may not have reached them all.</summary>
    public bool MayHoldSessions => Result is null or { Opened.Result.Failure: not null };

    /// <summary>Takes a result of the current attempt; the first one counts.</summary>
    public bool Take(ResultArrived result, DateTimeOffset now)
    {
        if (!IsPending || result.Opened.Signer != Chain.Edge.Node || result.Opened.Result.Session != Chain.Session)
            return false;
        Result = result;
        Took = now - StartedAt;
        return true;
    }

    /// <summary>Gives the attempt up.</summary>
    public void Lose() => Lost = Result is null;

    /// <summary>Drops a result that was proven wrong.</summary>
    public void Reject() => (Result, Lost, Rejected) = (null, true, true);

    /// <summary>Starts the next attempt.</summary>
    public void Replace(DispatchedChain next, DateTimeOffset now)
    {
        Chain = next;
        StartedAt = now;
        Took = null;
        Result = null;
        Lost = Rejected = false;
    }

    /// <summary>For the reconciler.</summary>
    public ChainOutcome Outcome(JobSpec spec) => new(
        new ExpectedChain(
            spec.Job,
            Chain.Chain,
            Chain.Attempt,
            spec.Manifest,
            [.. Chain.Stages.Select(s => new ExpectedStage(s.Node, s.Layers, s.Shard) { Class = s.Class })],
            spec.Choices,
            spec.MaxCompletionTokens),
        Result?.Opened);

    /// <summary>Nodes to blame for faults: those of the stages named, the edge when none is.</summary>
    public IEnumerable<NodeId> Blamed(IReadOnlyList<ChainFault> faults)
    {
        foreach (var fault in faults)
        {
            yield return Chain.Stages[fault.Stage ?? 0].Node;
            if (fault.Link is { } link)
                yield return Chain.Stages[link.Receiver].Node;
        }
    }
}
