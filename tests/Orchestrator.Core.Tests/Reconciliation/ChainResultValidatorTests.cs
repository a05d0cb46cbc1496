using Orchestrator.Contracts;
using Orchestrator.Core.Reconciliation;

namespace Orchestrator.Core.Tests.Reconciliation;

public sealed class ChainResultValidatorTests
{
    private static readonly ChainOutcome Good = Chains.Honest(0);

    [Fact]
    public void An_honest_result_has_no_faults() => ChainResultValidator.Validate(Good).ShouldBeEmpty();

    [Fact]
    public void No_result_is_a_fault() => Fault(Chains.Silent(0)).Kind.ShouldBe(ChainFaultKind.Silent);

    [Fact]
    public void A_reported_failure_names_its_stage()
    {
        Fault(Chains.Failed(0, FailureCodes.Unreachable, 2)).ShouldSatisfyAllConditions(
            f => f.Kind.ShouldBe(ChainFaultKind.Reported),
            f => f.Stage.ShouldBe(2));
        Fault(Chains.Failed(0, FailureCodes.Unreachable, 77)).Stage.ShouldBeNull();
    }

    [Fact]
    public void A_result_of_something_else_is_refused()
    {
        Func<ChainResult, ChainResult>[] changes =
        [
            r => r with { Job = Given.JobOf(2) },
            r => r with { Chain = 1 },
            r => r with { Attempt = 1 },
            r => r with { Session = SessionId.Derive(Chains.Job, 1, 0) },
            r => r with { Node = Given.NodeOf("0-1") },
        ];
        foreach (var change in changes)
            Fault(Good.WithResult(change)).Kind.ShouldBe(ChainFaultKind.WrongResult);
        Fault(Good with { Opened = Good.Opened! with { Signer = Given.NodeOf("0-1") } }).Kind.ShouldBe(ChainFaultKind.WrongResult);
    }

    [Fact]
    public void Counts_that_do_not_fit_are_refused()
    {
        ChainOutcome[] wrong =
        [
            Good.WithResult(r => r with { PromptTokens = 0 }),
            Good.WithResult(r => r with { Choices = [] }),
            Good.WithResult(r => r with { Choices = [null!] }),
            Good.WithResult(r => r with { Choices = [new([.. new int[101]], "", FinishReason.Length)] }),
            Good with { Opened = Good.Opened! with { Receipts = [.. Good.Opened.Receipts.Take(2)] } },
        ];
        foreach (var outcome in wrong)
            Fault(outcome).Kind.ShouldBe(ChainFaultKind.Malformed);
    }

    [Fact]
    public void A_receipt_of_a_class_that_its_node_did_not_promise_is_refused()
    {
        var promised = Good with { Expected = Good.Expected with { Stages = [.. Good.Expected.Stages.Select(s => s with { Class = Given.Class })] } };

        ChainResultValidator.Validate(promised).ShouldBeEmpty();
        Fault(promised.WithReceipt(1, r => r with { Class = r.Class with { Instructions = "mine alone" } })).Kind.ShouldBe(ChainFaultKind.WrongReceipt);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_receipt_of_something_else_names_its_stage(int stage)
    {
        Func<Receipt, Receipt>[] changes =
        [
            r => r with { Job = Given.JobOf(2) },
            r => r with { Session = SessionId.Derive(Chains.Job, 0, 1) },
            r => r with { Manifest = Given.DigestOf("other") },
            r => r with { Stage = r.Stage + 1 },
            r => r with { Layers = new LayerRange(0, 6) },
            r => r with { Choices = [] },
            r => r with { Choices = [null!] },
            r => r with { Shard = Given.DigestOf("other") },
            r => r with { Previous = Given.DigestOf("other") },
            r => r with { SchemaVersion = 1 },
            r => r.WithCommitment(c => c with { Draws = c.Draws is null ? Given.DigestOf("draws") : null }),
        ];
        foreach (var change in changes)
        {
            var fault = Fault(Good.WithReceipt(stage, change));
            fault.Kind.ShouldBe(ChainFaultKind.WrongReceipt);
            fault.Stage.ShouldBe(stage);
        }
    }

    [Fact]
    public void A_receipt_of_another_node_or_signer_is_refused()
    {
        Fault(Good.WithReceipt(1, r => r with { Node = Given.NodeOf("0-2") })).Kind.ShouldBe(ChainFaultKind.WrongNode);
        Fault(Good.WithOpened(1, r => r with { Signer = Given.NodeOf("0-2") })).ShouldSatisfyAllConditions(
            f => f.Kind.ShouldBe(ChainFaultKind.WrongNode),
            f => f.Stage.ShouldBe(1));
        Fault(Good.WithOpened(1, r => new(r.Signer, null, "the signature does not match", r.Payload))).Kind.ShouldBe(ChainFaultKind.UnreadableReceipt);
    }

    [Fact]
    public void A_broken_link_names_both_ends()
    {
        var other = Given.DigestOf("other");

        var sender = Fault(Good.WithReceipt(0, r => r.WithCommitment(c => c with { Output = other })));
        var receiver = Fault(Good.WithReceipt(2, r => r.WithCommitment(c => c with { Input = other })));

        sender.Kind.ShouldBe(ChainFaultKind.BrokenLink);
        sender.Link.ShouldNotBeNull().ShouldSatisfyAllConditions(l => l.Sender.ShouldBe(0), l => l.Receiver.ShouldBe(1), l => l.Sent.ShouldBe(other));
        receiver.Link.ShouldNotBeNull().ShouldSatisfyAllConditions(l => l.Sender.ShouldBe(1), l => l.Receiver.ShouldBe(2), l => l.Received.ShouldBe(other));
    }

    [Fact]
    public void A_stage_in_the_middle_that_lies_about_both_ends_breaks_both_links()
    {
        var faults = ChainResultValidator.Validate(Good.WithReceipt(1, r => r.WithCommitment(c => c with { Input = Given.DigestOf("x"), Output = Given.DigestOf("y") })));

        faults.Select(f => (f.Link!.Sender, f.Link.Receiver)).ShouldBe([(0, 1), (1, 2)]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_stage_that_ran_another_number_of_tokens_is_named(int more) =>
        Fault(Good.WithReceipt(2, r => r.WithCommitment(c => c with { Tokens = c.Tokens + more }))).ShouldSatisfyAllConditions(
            f => f.Kind.ShouldBe(ChainFaultKind.WrongTokens),
            f => f.Stage.ShouldBe(2));

    [Fact]
    public void A_stage_that_cut_other_chunks_is_named() =>
        Fault(Good.WithReceipt(1, r => r.WithCommitment(c => c with { Chunks = c.Chunks + 1 }))).ShouldSatisfyAllConditions(
            f => f.Kind.ShouldBe(ChainFaultKind.WrongTokens),
            f => f.Stage.ShouldBe(1));

    [Fact]
    public void An_edge_whose_answer_is_not_what_it_ran_is_to_blame_alone() =>
        Fault(Good with { Opened = Good.Opened! with { Tokens = [Good.Opened.Tokens[0] with { Input = Given.DigestOf("other") }] } }).ShouldSatisfyAllConditions(
            f => f.Kind.ShouldBe(ChainFaultKind.SwappedTokens),
            f => f.Stage.ShouldBe(0),
            f => f.Link.ShouldBeNull());

    [Fact]
    public void An_unknown_prompt_leaves_the_edges_input_open() =>
        ChainResultValidator.Validate(Good with { Opened = Good.Opened! with { Tokens = [Good.Opened.Tokens[0] with { Input = null }] } }).ShouldBeEmpty();

    [Fact]
    public void Draws_that_the_edge_did_not_answer_with_name_both_ends_of_the_way_back()
    {
        var fault = Fault(Good.WithReceipt(2, r => r.WithCommitment(c => c with { Draws = Given.DigestOf("other") })));

        fault.Kind.ShouldBe(ChainFaultKind.BrokenLink);
        fault.Link.ShouldNotBeNull().ShouldSatisfyAllConditions(l => l.Sender.ShouldBe(2), l => l.Receiver.ShouldBe(0), l => l.Sent.ShouldBe(Given.DigestOf("other")));
    }

    private static ChainFault Fault(ChainOutcome outcome) => ChainResultValidator.Validate(outcome).ShouldHaveSingleItem();
}
