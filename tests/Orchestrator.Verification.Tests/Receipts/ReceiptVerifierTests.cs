using System.Text;
using CsCheck;
using Orchestrator.Contracts;
using Orchestrator.TestKit;

namespace Orchestrator.Verification.Tests.Receipts;

public sealed class ReceiptVerifierTests
{
    [Fact]
    public async Task Receipts_of_an_honest_chain_hold()
    {
        var chain = await SampleChain.RunAsync(130, 40);

        var report = ReceiptVerifier.Verify(chain.Document());

        report.Problem.ShouldBeNull();
        report.Holds.ShouldBeTrue();
        report.Chains.ShouldHaveSingleItem().Findings.Select(f => (f.Subject, f.Outcome)).ShouldBe(
        [
            ("result", FindingOutcome.Holds), ("receipts", FindingOutcome.Holds), ("chaining", FindingOutcome.Holds), ("counts", FindingOutcome.Holds),
            ("links", FindingOutcome.Holds), ("draws", FindingOutcome.Holds), ("input", FindingOutcome.Unknown),
        ]);
    }

    [Fact]
    public async Task Whoever_knows_the_prompt_checks_what_stage_0_ran()
    {
        var chain = await SampleChain.RunAsync(130, 40);
        var document = chain.Document();

        // The sample's tokens are no text of the byte tokenizer with its markers: a prompt that is another is found.
        Finding(document, "input", new Prompt("something else", null)).Outcome.ShouldBe(FindingOutcome.Broken);
    }

    [Fact]
    public async Task Every_lie_is_found_where_it_is()
    {
        var chain = await SampleChain.RunAsync(5, 9);
        var other = Some.Digest(77);

        Broken(chain.Document((s, r) => s == 1 ? r with { Job = Some.Job(2) } : r), "receipts", 1);
        Broken(chain.Document((s, r) => s == 1 ? r with { Manifest = other } : r), "receipts", 1);
        Broken(chain.Document((s, r) => s == 1 ? r with { Shard = other } : r), "receipts", 1);
        Broken(chain.Document((s, r) => s == 1 ? r with { Stage = 2 } : r), "receipts", 1);
        Broken(chain.Document((s, r) => s == 2 ? Change(r, c => c with { Draws = null }) : r), "receipts", 2);
        Broken(chain.Document(signer: s => s == 1 ? 9 : s + 1), "receipts", 1);
        Broken(chain.Document(answer: r => r with { Receipts = [.. r.Receipts.SkipLast(1)] }), "receipts", 0);
        Broken(chain.Document((s, r) => s == 2 ? r with { Previous = other } : r), "chaining", 2);
        Broken(chain.Document((s, r) => s == 2 ? Change(r, c => c with { Tokens = c.Tokens - 1 }) : r), "counts", 2);
        Broken(chain.Document((s, r) => s == 2 ? Change(r, c => c with { Chunks = c.Chunks + 1 }) : r), "counts", 2);
        Broken(chain.Document((s, r) => s == 0 ? Change(r, c => c with { Output = other }) : r), "links", 0);
        Broken(chain.Document((s, r) => s == 2 ? Change(r, c => c with { Input = other }) : r), "links", 1);
        Broken(chain.Document(answer: r => r with { Choices = [new ChoiceResult([.. chain.Drawn.Select(t => t ^ 1)], "", FinishReason.Length)] }), "draws", 2);
        Broken(chain.Document(answer: r => r with { Session = Some.Session(3) }), "result", 0);
        Broken(chain.Document() with { Job = Some.Job(5) }, "result", 0);
    }

    [Fact]
    public async Task A_receipt_that_was_swapped_for_another_one_is_found()
    {
        var mine = (await SampleChain.RunAsync(5, 9)).Document();
        var theirs = await SampleChain.RunAsync(5, 10);
        var edge = theirs.Document(answer: r => r with { Receipts = [.. Open(mine).Receipts.Take(1), .. r.Receipts.Skip(1)] });

        ReceiptVerifier.Verify(edge).Holds.ShouldBeFalse();

        static ChainResult Open(ReceiptsDocument document) =>
            MessageSigning.TryOpen(document.Results[0], MessageTypes.ChainResult, ContractsJson.Default.ChainResult, out var result, out _) ? result : throw new InvalidOperationException();
    }

    [Fact]
    public async Task Hostile_documents_are_refused_and_not_thrown_over()
    {
        var good = (await SampleChain.RunAsync(5, 3)).Document();

        ReceiptVerifier.Verify(good with { SchemaVersion = 2 }).Problem.ShouldNotBeNull();
        ReceiptVerifier.Verify(good with { Results = [] }).Problem.ShouldNotBeNull();
        ReceiptVerifier.Verify(good with { Manifest = Encoding.UTF8.GetBytes("null") }).Problem.ShouldNotBeNull();
        ReceiptVerifier.Verify(good with { Results = [null!] }).Holds.ShouldBeFalse();
        Gen.Byte.Array[0, 200].Sample(bytes => ReceiptVerifier.Verify(good with { Manifest = bytes }).Holds.ShouldBeFalse());
        Gen.Byte.Array[0, 200].Sample(bytes => ReceiptVerifier.Verify(good with { Results = [good.Results[0] with { Payload = bytes }] }).Holds.ShouldBeFalse());
    }

    private static Receipt Change(Receipt receipt, Func<ChoiceCommitment, ChoiceCommitment> change) => receipt with { Choices = [change(receipt.Choices[0])] };

    private static ReceiptFinding Finding(ReceiptsDocument document, string subject, Prompt? prompt = null) =>
        ReceiptVerifier.Verify(document, prompt).Chains.ShouldHaveSingleItem().Findings.First(f => f.Subject == subject);

    private static void Broken(ReceiptsDocument document, string subject, int stage)
    {
        ReceiptVerifier.Verify(document).Holds.ShouldBeFalse(subject);
        var finding = Finding(document, subject);
        finding.Outcome.ShouldBe(FindingOutcome.Broken, subject);
        finding.Stage.ShouldBe(stage, finding.Message);
    }
}
