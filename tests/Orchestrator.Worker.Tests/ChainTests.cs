using Orchestrator.Contracts;
using Orchestrator.Verification;
using Orchestrator.Worker.Tests.Network;

namespace Orchestrator.Worker.Tests;

public sealed class ChainTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task A_chain_answers_and_both_ends_of_every_link_commit_to_the_same_bytes(int stages)
    {
        await using var network = await TestNetwork.StartAsync(stages, "The answer is 42.");
        var result = await network.AskAsync(network.Assignments("What is the answer?"));

        result.Failure.ShouldBeNull();
        var choice = result.Choices.ShouldHaveSingleItem();
        choice.Text.ShouldBe("The answer is 42.");
        choice.FinishReason.ShouldBe(FinishReason.Stop);
        choice.Tokens[^1].ShouldBe(259);
        result.PromptTokens.ShouldBe("What is the answer?".Length + 3);
        var receipts = Receipts(result);
        receipts.Count.ShouldBe(stages);
        for (int i = 0; i < stages; i++)
        {
            receipts[i].Node.ShouldBe(network.Nodes[i].Node);
            receipts[i].Choices[0].Tokens.ShouldBe(result.PromptTokens + choice.Tokens.Count - 1);
            if (i > 0)
                receipts[i].Choices[0].Input.ShouldBe(receipts[i - 1].Choices[0].Output);
        }

        await network.ShouldBeFreeAsync();
    }

    [Fact]
    public async Task A_prompt_longer_than_a_chunk_arrives_in_order_and_whole()
    {
        await using var network = await TestNetwork.StartAsync(3, "ok");
        var result = await network.AskAsync(network.Assignments(new string('x', 400)));
        result.Failure.ShouldBeNull();
        result.Choices[0].Text.ShouldBe("ok");
        Receipts(result)[0].Steps.ShouldBe(4 + 2);
    }

    [Fact]
    public async Task Commitments_do_not_depend_on_the_nodes_or_the_job()
    {
        await using var one = await TestNetwork.StartAsync(2, "same");
        await using var other = await TestNetwork.StartAsync(2, "same");
        var first = Receipts(await one.AskAsync(one.Assignments("hello")));
        var second = Receipts(await other.AskAsync(other.Assignments("hello")));
        first.SelectMany(r => r.Choices).ShouldBe(second.SelectMany(r => r.Choices));
    }

    [Fact]
    public async Task Every_choice_is_answered_with_its_own_commitment()
    {
        await using var network = await TestNetwork.StartAsync(2, "abc");
        var result = await network.AskAsync(network.Assignments("n", change: a => a with { Choices = 4 }));
        result.Failure.ShouldBeNull();
        result.Choices.Select(c => c.Text).ShouldBe(["abc", "abc", "abc", "abc"]);
        Receipts(result)[1].Choices.Count.ShouldBe(4);
        await network.ShouldBeFreeAsync();
    }

    [Fact]
    public async Task Many_sessions_share_the_chain()
    {
        await using var network = await TestNetwork.StartAsync(2, "shared");
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => network.AskAsync(network.Assignments($"question {i}"))));
        results.ShouldAllBe(r => r.Failure == null && r.Choices[0].Text == "shared");
        await network.ShouldBeFreeAsync();
    }

    [Fact]
    public async Task The_limit_ends_an_answer_with_length()
    {
        await using var network = await TestNetwork.StartAsync(2, "a long answer");
        var result = await network.AskAsync(network.Assignments("q", completion: 6));
        result.Choices[0].Text.ShouldBe("a long");
        result.Choices[0].FinishReason.ShouldBe(FinishReason.Length);
    }

    [Fact]
    public async Task A_prompt_that_does_not_fit_is_a_clear_failure()
    {
        await using var network = await TestNetwork.StartAsync(2, "x");
        var result = await network.AskAsync(network.Assignments(new string('x', 500)));
        result.Failure!.Code.ShouldBe(FailureCodes.ContextExceeded);
        await network.ShouldBeFreeAsync();
    }

    internal static List<Receipt> Receipts(ChainResult result) => [.. result.Receipts.Select(m =>
    {
        MessageSigning.TryOpen(m, MessageTypes.Receipt, ContractsJson.Default.Receipt, out var receipt, out string? error).ShouldBeTrue(error);
        return receipt;
    })];
}
