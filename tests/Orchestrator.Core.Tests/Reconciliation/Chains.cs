using Orchestrator.Contracts;
using Orchestrator.Core.Reconciliation;

namespace Orchestrator.Core.Tests.Reconciliation;

/// <summary>Builds what honest chains send, and lets tests bend it.</summary>
internal static class Chains
{
    public const int Stages = 3;

    public const int Prompt = 5;

    public static readonly JobId Job = Given.JobOf(1);

    /// <summary>A chain that computed <paramref name="content"/>: honest chains with equal content send equal commitments.</summary>
    public static ChainOutcome Honest(int chain, string content = "truth", ExecutionClass? @class = null)
    {
        var nodes = Enumerable.Range(0, Stages).Select(s => Given.NodeOf($"{chain}-{s}")).ToList();
        var session = SessionId.Derive(Job, chain, 0);
        int[] tokens = [.. content.Select(c => (int)c)];
        int ran = Prompt + tokens.Length - 1;
        var receipts = nodes.Select((node, stage) => new OpenedReceipt(node, new Receipt(
            Receipt.CurrentSchema, node, Job, session, Given.Model, stage, Layers(stage), Given.DigestOf($"shard {stage}"), @class ?? Given.Class,
            stage == 0 ? null : Payload(chain, stage - 1),
            [new ChoiceCommitment(ran, ChunkPlan.Count(Prompt, ran), Boundary(content, stage), Boundary(content, stage + 1), Given.DigestOf("prints"), stage == Stages - 1 ? Drawn(content) : null)],
            tokens.Length, 10, Given.Now), null, Payload(chain, stage))).ToList();
        var result = new ChainResult(
            1, nodes[0], Job, session, chain, 0, Prompt, [new ChoiceResult(tokens, content, FinishReason.Stop)], [], new ChainTiming(1, 2, 3), null);
        var expected = new ExpectedChain(
            Job, chain, 0, Given.Model, [.. nodes.Select((n, s) => new ExpectedStage(n, Layers(s), Given.DigestOf($"shard {s}")))], Choices: 1, MaxCompletionTokens: 100);
        return new ChainOutcome(expected, new OpenedResult(nodes[0], result, receipts, [new TokenRoots(Boundary(content, 0), Drawn(content))]));
    }

    public static ChainOutcome Silent(int chain) => Honest(chain) with { Opened = null };

    public static ChainOutcome Failed(int chain, string code, int? stage = null)
    {
        var honest = Honest(chain);
        return honest with { Opened = honest.Opened! with { Receipts = [], Tokens = [], Result = honest.Opened.Result with { Choices = [], Failure = new ChainFailure(code, "why", stage) } } };
    }

    public static ChainOutcome WithResult(this ChainOutcome outcome, Func<ChainResult, ChainResult> change) =>
        outcome with { Opened = outcome.Opened! with { Result = change(outcome.Opened.Result) } };

    public static ChainOutcome WithReceipt(this ChainOutcome outcome, int stage, Func<Receipt, Receipt> change) =>
        outcome.WithOpened(stage, r => r with { Receipt = change(r.Receipt!) });

    public static ChainOutcome WithOpened(this ChainOutcome outcome, int stage, Func<OpenedReceipt, OpenedReceipt> change) =>
        outcome with { Opened = outcome.Opened! with { Receipts = [.. outcome.Opened.Receipts.Select((r, s) => s == stage ? change(r) : r)] } };

    /// <summary>The stage computed something else from here on, and all later stages with it.</summary>
    public static ChainOutcome WrongFrom(this ChainOutcome outcome, int stage, string lie = "lie")
    {
        for (int s = stage; s < Stages; s++)
        {
            int at = s;
            outcome = outcome.WithReceipt(s, r => r with
            {
                Choices = [r.Choices[0] with { Input = at == stage ? r.Choices[0].Input : Boundary(lie, at), Output = Boundary(lie, at + 1) }],
            });
        }

        return outcome;
    }

    public static Receipt WithCommitment(this Receipt receipt, Func<ChoiceCommitment, ChoiceCommitment> change) => receipt with { Choices = [change(receipt.Choices[0])] };

    private static LayerRange Layers(int stage) => new(2 * stage, 2 * stage + 2);

    private static Digest Payload(int chain, int stage) => Given.DigestOf($"receipt {stage} of {chain}");

    private static Digest Drawn(string content) => Given.DigestOf($"draws of {content}");

    private static Digest Boundary(string content, int boundary) => Given.DigestOf($"{content} at {boundary}");
}
