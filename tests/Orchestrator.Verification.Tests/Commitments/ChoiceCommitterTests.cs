using System.Runtime.InteropServices;
using CsCheck;
using Orchestrator.Contracts;

namespace Orchestrator.Verification.Tests.Commitments;

public sealed class ChoiceCommitterTests
{
    private static readonly ShardManifest Middle = SampleChain.Model.Manifest.Stages[1];
    private static readonly ShardManifest Last = SampleChain.Model.Manifest.Stages[^1];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(128, 2)]
    [InlineData(129, 33)]
    [InlineData(300, 70)]
    public async Task Both_ends_of_every_honest_link_commit_to_the_same(int prompt, int drawn)
    {
        var chain = await SampleChain.RunAsync(prompt, drawn);
        int chunks = ChunkPlan.Count(prompt, prompt + drawn - 1);

        for (int stage = 0; stage < chain.Commitments.Count; stage++)
        {
            var commitment = chain.Commitments[stage];
            commitment.Tokens.ShouldBe(prompt + drawn - 1);
            commitment.Chunks.ShouldBe(chunks);
            chain.Chunks[stage].Count.ShouldBe(chunks);
            if (stage > 0)
                commitment.Input.ShouldBe(chain.Commitments[stage - 1].Output);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(129, 40)]
    public async Task The_tokens_alone_give_the_first_input_and_the_draws(int prompt, int drawn)
    {
        var chain = await SampleChain.RunAsync(prompt, drawn);

        chain.Commitments[0].Input.ShouldBe(TokenCommitments.Input(chain.Prompt, chain.Drawn));
        chain.Commitments[^1].Draws.ShouldBe(TokenCommitments.Draws(prompt, chain.Drawn));
        chain.Commitments.SkipLast(1).ShouldAllBe(c => c.Draws == null);
    }

    [Fact]
    public async Task Any_swapped_token_shows_in_both()
    {
        var chain = await SampleChain.RunAsync(5, 40);
        for (int i = 0; i < 40; i++)
        {
            int[] swapped = [.. chain.Drawn];
            swapped[i]++;
            TokenCommitments.Draws(5, swapped).ShouldNotBe(chain.Commitments[^1].Draws!.Value);
            // The last token is fed to nobody: only the draw shows it.
            (TokenCommitments.Input(chain.Prompt, swapped) == chain.Commitments[0].Input).ShouldBe(i == 39);
        }
    }

    [Fact]
    public void Only_the_rows_drawn_from_are_committed_to()
    {
        float[] logits = [1, 2, 3, 4, 5, 6];
        var pass = new ChunkPass(0, 3, 2);

        Output(logits).ShouldBe(Output([9, 9, 9, 9, 5, 6]));
        Output(logits).ShouldNotBe(Output([1, 2, 3, 4, 5, 7]));

        Digest Output(float[] values)
        {
            using var committer = new ChoiceCommitter(Last, last: true);
            committer.Commit(pass, [], [Tensor([1])], [Tensor(values)], [new TokenDraw(1, 0, [])]);
            return committer.Finish().Output;
        }
    }

    [Theory]
    [InlineData(0, 128, 128, true)]
    [InlineData(0, 128, 127, true)]
    [InlineData(0, 5, 4, true)]
    [InlineData(0, 1, 0, true)]
    [InlineData(1, 5, 4, false)]
    [InlineData(0, 5, 5, false)]
    [InlineData(0, 128, 5, false)]
    [InlineData(0, 129, 128, false)]
    [InlineData(0, 0, 0, false)]
    public void A_first_pass_must_follow_the_plan(int position, int tokens, int drawFrom, bool follows)
    {
        using var committer = new ChoiceCommitter(Middle, last: false);
        var check = () => committer.Check(new ChunkPass(position, tokens, drawFrom));
        if (follows)
            check.ShouldNotThrow();
        else
            check.ShouldThrow<InvalidDataException>();
    }

    [Fact]
    public void After_the_prompt_tokens_come_one_at_a_time()
    {
        using var committer = new ChoiceCommitter(Middle, last: false);
        committer.Commit(new ChunkPass(0, 3, 2), [], [Tensor([1])], [Tensor([1])], []);

        committer.PromptTokens.ShouldBe(3);
        Should.NotThrow(() => committer.Check(new ChunkPass(3, 1, 0)));
        Should.Throw<InvalidDataException>(() => committer.Check(new ChunkPass(3, 2, 1)));
        Should.Throw<InvalidDataException>(() => committer.Check(new ChunkPass(3, 1, 1)));
        Should.Throw<InvalidDataException>(() => committer.Check(new ChunkPass(4, 1, 0)));
    }

    [Fact]
    public void Every_changed_bit_changes_the_root() =>
        Gen.Select(Gen.Int[0, 30], Gen.Int[0, 31]).Sample((element, bit) =>
        {
            float[] values = [.. Enumerable.Range(0, 31).Select(i => (float)i)];
            var honest = Commit(values);
            values[element] = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(values[element]) ^ (1 << bit));
            var other = Commit(values);
            other.Output.ShouldNotBe(honest.Output);
            other.Input.ShouldBe(honest.Input);

            ChoiceCommitment Commit(float[] output)
            {
                using var committer = new ChoiceCommitter(Middle, last: false);
                committer.Commit(new ChunkPass(0, 31, 30), [], [Tensor([1])], [Tensor(output)], []);
                return committer.Finish();
            }
        });

    private static Tensor Tensor(float[] values) => new(ElementType.Float32, [1, values.Length, 1], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
