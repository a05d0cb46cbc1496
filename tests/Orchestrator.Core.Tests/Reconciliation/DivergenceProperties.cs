using System.Collections.Concurrent;
using CsCheck;
using Orchestrator.Contracts;
using Orchestrator.Core.Reconciliation;

namespace Orchestrator.Core.Tests.Reconciliation;

/// <summary>Chains of a toy model in which any stage may lie in any pass and the last may draw what it likes: where blame points there is a liar, and it is no honest stage's.</summary>
public sealed class DivergenceProperties
{
    // Only a lie about the last token, which nothing is run on, shows in the draws alone: chance hits it too rarely.
    private static readonly Gen<int> AnyDraw = Gen.Frequency((3, Gen.Int[0, Toy.Drawn]), (1, Gen.Const(Toy.Drawn - 1)));

    private static readonly Gen<Lies> AnyLies = Gen.Select(
        Gen.Select(Gen.Int[0, Toy.Stages - 1], Gen.Int[0, Toy.Drawn]).HashSet[0, 2], AnyDraw.HashSet[0, 1], (outputs, draws) => new Lies(outputs, draws));

    [Fact]
    public void Whoever_made_two_chains_differ_is_found_and_no_honest_stage_is_blamed()
    {
        var seen = new ConcurrentDictionary<BlameKind, bool>();
        Gen.Select(AnyLies, AnyLies, Gen.Int[1, 300]).Sample((a, b, prompt) => seen[Check(a, b, prompt)] = true, iter: 3_000);
        seen.Keys.Order().ShouldBe([BlameKind.Nobody, BlameKind.Computed, BlameKind.Drawn, BlameKind.Diverged]);
    }

    [Fact]
    public void The_chunk_of_the_first_token_that_differs_is_named_whatever_comes_after()
    {
        // 130 tokens are two prefill chunks; the last of them draws the first token, and every pass after it one more.
        foreach (var (at, chunk) in new[] { (0, 1), (1, 2), (32, 2), (33, 3) })
        {
            var blame = ChainBlame.ByRoots(new Toy(0, 130, new Lies([], [at])).Outcome, new Toy(1, 130, Lies.None).Outcome, 0);
            (blame.Kind, blame.Chunk).ShouldBe((BlameKind.Diverged, (int?)chunk), $"{at}: {blame}");
        }
    }

    private static BlameKind Check(Lies a, Lies b, int prompt)
    {
        var (x, y) = (new Toy(0, prompt, a), new Toy(1, prompt, b));
        var blame = ChainBlame.ByRoots(x.Outcome, y.Outcome, 0);
        string story = $"{a} and {b} after {prompt} tokens: {blame}";
        switch (blame.Kind)
        {
            case BlameKind.Nobody:
                x.Tokens.ShouldBe(y.Tokens, story);
                break;
            case BlameKind.Computed:
                (x.LiedIn(blame.Stage!.Value, int.MaxValue) || y.LiedIn(blame.Stage.Value, int.MaxValue)).ShouldBeTrue(story);
                break;
            case BlameKind.Drawn:
                (x.Wrong(Toy.Stages - 1, blame.Chunk!.Value) || y.Wrong(Toy.Stages - 1, blame.Chunk.Value)).ShouldBeTrue(story);
                break;
            case BlameKind.Diverged:
                int chunk = blame.Chunk!.Value;
                if (Toy.FirstLeaf(x, y, chunk) is { } stage)
                    (x.LiedIn(stage, chunk - 1) || y.LiedIn(stage, chunk - 1)).ShouldBeTrue(story);
                // Run again on its own inputs through that chunk, only a stage that lied comes out otherwise, and in one of the chains at least one does.
                var wrong = new[] { x, y }.SelectMany(c => Enumerable.Range(0, Toy.Stages).Select(s => (Chain: c, Stage: s))).Where(w => w.Chain.Wrong(w.Stage, chunk)).ToList();
                wrong.ShouldNotBeEmpty(story);
                wrong.ShouldAllBe(w => w.Chain.Lies.Outputs.Any(o => o.Stage == w.Stage) || w.Stage == Toy.Stages - 1 && w.Chain.Lies.Draws.Count > 0, story);
                break;
            default:
                throw new InvalidOperationException(story);
        }

        return blame.Kind;
    }

    private sealed record Lies(HashSet<(int Stage, int Pass)> Outputs, HashSet<int> Draws)
    {
        public static Lies None { get; } = new([], []);

        public override string ToString() => $"lies {string.Join(' ', Outputs)}, draws {string.Join(' ', Draws)}";
    }

    /// <summary>What a stage puts out is a hash of all it has received; a token is a digit of a hash of the last stage's row, so that lies often change none.</summary>
    private sealed class Toy
    {
        public const int Stages = 3;
        public const int Drawn = 40;

        private readonly int prompt;
        private readonly List<string>[] received = [.. Enumerable.Range(0, Stages).Select(_ => new List<string>())];
        private readonly List<string>[] sent = [.. Enumerable.Range(0, Stages).Select(_ => new List<string>())];

        public Toy(int chain, int prompt, Lies lies)
        {
            (this.prompt, Lies) = (prompt, lies);
            for (int draw = 0; draw < Drawn; draw++)
            {
                string row = draw == 0 ? "prompt" : $"token {Tokens[^1]}";
                for (int stage = 0; stage < Stages; stage++)
                {
                    received[stage].Add(row);
                    row = lies.Outputs.Contains((stage, draw)) ? $"lie of {chain} {stage} {draw}" : Right(stage, draw);
                    sent[stage].Add(row);
                }

                Tokens.Add(lies.Draws.Contains(draw) ? (Draw(row) + 1) % 4 : Draw(row));
            }

            Outcome = Send(chain);
        }

        public Lies Lies { get; }

        public List<int> Tokens { get; } = [];

        public ChainOutcome Outcome { get; }

        /// <summary>Whether a stage put out something else than follows from what it received, in the passes of chunks up to one.</summary>
        public bool LiedIn(int stage, int chunk) => Enumerable.Range(0, Drawn).Any(p => ChunkOf(p) <= chunk && sent[stage][p] != Right(stage, p));

        /// <summary>What running it again finds: its outputs or, on the last stage, its draws.</summary>
        public bool Wrong(int stage, int chunk) =>
            LiedIn(stage, chunk) || stage == Stages - 1 && Enumerable.Range(0, Drawn).Any(p => ChunkOf(p) <= chunk && Tokens[p] != Draw(sent[stage][p]));

        /// <summary>The first stage whose leaves differ before a chunk.</summary>
        public static int? FirstLeaf(Toy a, Toy b, int before) =>
            Enumerable.Range(0, Stages).Cast<int?>().FirstOrDefault(s => Enumerable.Range(0, Drawn).Any(p => a.ChunkOf(p) < before && a.sent[s!.Value][p] != b.sent[s.Value][p]));

        private string Right(int stage, int pass) => Given.DigestOf($"{stage}: {string.Join('|', received[stage].Take(pass + 1))}").Value;

        private static int Draw(string row) => Given.DigestOf(row).Value[0] % 4;

        // Pass 0 is the prompt's last, whatever was before it.
        private int ChunkOf(int pass) => ChunkPlan.Holding(prompt, prompt + pass - 1);

        private ChainOutcome Send(int chain)
        {
            var honest = Chains.Honest(chain);
            var opened = honest.Opened!;
            int ran = prompt + Drawn - 1;
            var draws = Given.DigestOf(string.Join(' ', Tokens));
            var receipts = opened.Receipts.Select((r, stage) => r with
            {
                Receipt = r.Receipt! with
                {
                    Choices =
                    [
                        new ChoiceCommitment(
                            ran, ChunkPlan.Count(prompt, ran), Given.DigestOf(string.Join('|', received[stage])), Given.DigestOf(string.Join('|', sent[stage])), Given.DigestOf("prints"),
                            stage == Stages - 1 ? draws : null),
                    ],
                },
            }).ToList();
            return honest with
            {
                Opened = opened with
                {
                    Result = opened.Result with { PromptTokens = prompt, Choices = [new ChoiceResult(Tokens, "", FinishReason.Length)] },
                    Receipts = receipts,
                    Tokens = [new TokenRoots(Given.DigestOf(string.Join('|', received[0])), draws)],
                },
            };
        }
    }
}
