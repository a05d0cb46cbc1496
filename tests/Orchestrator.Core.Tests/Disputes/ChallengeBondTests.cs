using Orchestrator.Core.Disputes;
using Orchestrator.Core.Ledger;

namespace Orchestrator.Core.Tests.Disputes;

public sealed class ChallengeBondTests
{
    [Theory]
    [InlineData(DisputeOutcome.Overturned, 1_001, 0, 0)]
    [InlineData(DisputeOutcome.Void, 1_001, 0, 0)]
    [InlineData(DisputeOutcome.Upheld, 0, 500, 501)]
    public void A_bond_comes_back_unless_the_receipt_was_upheld(DisputeOutcome outcome, long challenger, long defender, long treasury)
    {
        var bond = ChallengeBond.Of(1_001);
        var ledger = LedgerBook.Empty
            .Apply(LedgerEntry.Of("fund", "", Given.Now, new(LedgerAccounts.Outside, -1_001), new(LedgerAccounts.Account("c"), 1_001)), Given.Now).Book
            .Apply(bond.Post("d", "c", Given.Now), Given.Now).Book;
        var verdict = new DisputeVerdict(outcome, DisputeGround.Judged, null, null, null, false, null, null, null, "");

        var settle = bond.Settle("d", verdict, "c", "host", "protocol", Given.Now);
        ledger[LedgerAccounts.Account("c")].ShouldBe(0);
        ledger = ledger.Apply(settle, Given.Now).Book.Apply(settle, Given.Now).Book;

        new[] { "c", "host", "protocol" }.Select(a => ledger[LedgerAccounts.Account(a)]).ShouldBe([challenger, defender, treasury]);
        ledger.CheckConserved();
    }
}
