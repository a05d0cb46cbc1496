using CsCheck;
using Orchestrator.Core.Accounts;

namespace Orchestrator.Core.Tests.Accounts;

/// <summary>Two accounts trade through random commands: repeats, expiries, clocks that jump both ways, amounts that overflow.</summary>
public sealed class AccountBookProperties
{
    private enum Kind
    {
        TopUp,
        Hold,
        Settle,
        Transfer,
        Confirm,
        Release,
        Expire,
    }

    private static readonly Gen<(Kind Kind, int Id, long Amount, int Seconds)[]> AnyHistory = Gen.Select(
        Gen.Enum<Kind>(),
        Gen.Int[0, 5],
        Gen.Frequency((9, Gen.Long[0, 1000]), (1, Gen.Long[long.MaxValue - 500, long.MaxValue])),
        Gen.Frequency((8, Gen.Int[0, 3]), (1, Gen.Int[-20, 40]), (1, Gen.Int[0, 20 * 24 * 3600]))).Array[1, 120];

    [Fact]
    public void Money_is_neither_made_nor_lost() => AnyHistory.Sample(history =>
    {
        var payer = AccountBook.Empty;
        var host = AccountBook.Empty;
        var now = Given.Now;
        Int128 toppedUp = 0;
        var outbox = new Dictionary<string, Credit>();
        var credited = new HashSet<string>();

        foreach (var (kind, id, amount, seconds) in history)
        {
            now = now.AddSeconds(seconds);
            var before = payer;
            try
            {
                switch (kind)
                {
                    case Kind.TopUp:
                        (payer, var top) = payer.Apply(new Credit($"top{id}", amount, "", Given.Now.AddSeconds(id)), now);
                        toppedUp += top == CreditStatus.Applied ? amount : 0;
                        break;
                    case Kind.Hold:
                        (payer, _) = payer.Apply(new Hold($"j{id}", amount, Given.Now.AddSeconds(10 * id + 30)), now);
                        break;
                    case Kind.Settle:
                        var settlement = new Core.Accounts.Settlement($"j{id}", amount == 0 ? [] : [new($"pay{id}", "host", amount)], now);
                        (payer, var result) = payer.Apply(settlement, now);
                        Remember(result);
                        break;
                    case Kind.Transfer when outbox.GetValueOrDefault($"pay{id}") is { } credit:
                        (host, var status) = host.Apply(credit, now);
                        if (status == CreditStatus.Applied)
                            credited.Add(credit.EventId).ShouldBeTrue($"{credit.EventId} was credited twice");
                        break;
                    case Kind.Confirm when credited.Contains($"pay{id}"):
                        payer = payer.Confirm($"pay{id}", now);
                        break;
                    case Kind.Release:
                        payer = payer.Release($"j{id}", now);
                        break;
                    case Kind.Expire:
                        payer = payer.Expire(now);
                        host = host.Expire(now);
                        break;
                }
            }
            catch (Exception e) when (e is OverflowException or ArgumentException)
            {
                payer.ShouldBeSameAs(before);
            }

            payer.CheckConserved();
            host.CheckConserved();
            payer.Version.ShouldBeGreaterThanOrEqualTo(before.Version);
            ((Int128)payer.Credited).ShouldBe(toppedUp);
            // What the host has is what left the payer, confirmed or still in flight there.
            ((Int128)host.Credited).ShouldBeLessThanOrEqualTo((Int128)payer.PaidOut + payer.InFlight);
            ((Int128)payer.PaidOut).ShouldBeLessThanOrEqualTo(host.Credited);
        }

        void Remember(SettleResult result)
        {
            foreach (var payout in result.Payouts)
                outbox.TryAdd(payout.EventId, new Credit(payout.EventId, payout.Amount, "", result.IssuedAt));
        }
    }, iter: 2000);

    /// <summary>A turn whose write was lost is repaired by repeating the whole saga; the host is paid once whatever was lost.</summary>
    [Fact]
    public void Repeating_the_saga_after_lost_turns_pays_once() =>
        Gen.Bool.Array[40].Sample(lost =>
        {
            var payer = AccountBook.Empty.Apply(new Credit("top", 1000, "", Given.Now), Given.Now).Book;
            var host = AccountBook.Empty;
            int turn = 0;
            for (int attempt = 0; attempt < 12; attempt++)
            {
                // The last two attempts lose nothing: by then everything must come right.
                bool Loses() => attempt < 10 && lost[turn++ % lost.Length];
                payer = Keep(payer, payer.Apply(new Hold("j", 100, Given.Now.AddHours(1)), Given.Now).Book, Loses());
                var (after, settled) = payer.Apply(new Core.Accounts.Settlement("j", [new("p", "host", 70)], Given.Now), Given.Now);
                payer = Keep(payer, after, Loses());
                foreach (var payout in settled.Payouts)
                {
                    host = Keep(host, host.Apply(new Credit(payout.EventId, payout.Amount, "", settled.IssuedAt), Given.Now).Book, loses: false);
                    payer = Keep(payer, payer.Confirm(payout.EventId, Given.Now), Loses());
                }
            }

            payer.ToState("payer").ShouldSatisfyAllConditions(s => s.Available.ShouldBe(930), s => s.Held.ShouldBe(0), s => s.InFlight.ShouldBe(0));
            host.Available.ShouldBe(70);

            static AccountBook Keep(AccountBook before, AccountBook after, bool loses) => loses ? before : after;
        }, iter: 500);
}
