using CsCheck;
using Orchestrator.Core.Ledger;

namespace Orchestrator.Core.Tests.Ledger;

/// <summary>The books of a whole network close, whatever is in flight, late, repeated or cut off, and however long reading them takes.</summary>
public sealed class TrialBalanceProperties
{
    private static readonly Gen<(int Kind, int Pick, long Amount, int Seconds)> Step = Gen.Select(
        Gen.Int[0, BookWorld.Kinds - 1],
        Gen.Int[0, 1000],
        Gen.Long[1, 1000],
        Gen.Frequency((20, Gen.Int[0, 100]), (1, Gen.Int[0, 9 * 24 * 3600])));

    private static readonly Gen<(int Kind, int Pick, long Amount, int Seconds)> Hurry =
        Gen.Select(Step, Gen.Int[0, 1], (step, seconds) => step with { Seconds = seconds });

    [Fact]
    public void What_is_in_flight_is_named_and_is_the_whole_gap() => Step.Array[1, 150].Sample(steps =>
    {
        var world = Run(new BookWorld(), steps);

        var seen = Read(world);

        // The world knows what its books can only reconcile.
        var waiting = world.Pending.ToList();
        seen.Closes.ShouldBeTrue();
        seen.InFlight.Where(t => t.State == TransferState.Sent && !world.Arrived.Contains((t.To, t.Id))).Select(t => t.Id).Order()
            .ShouldBe(waiting.Where(p => !world.Arrived.Contains((p.Payout.To, p.Payout.Id))).Select(p => p.Payout.Id).Order());
        seen.InFlight.ShouldNotContain(t => t.State == TransferState.Confirmed);
        long twice = waiting.Where(p => world.Arrived.Contains((p.Payout.To, p.Payout.Id))).Sum(p => p.Payout.Amount)
            + seen.Suspense.Where(s => world.Arrived.Contains((s.Entry.To, s.Entry.Id))).Sum(s => s.Entry.Amount);
        Held(seen).ShouldBe(Deposited(seen) + twice);
        seen.Lines.Single(l => l.Class == LedgerClass.Clearing).Debit.ShouldBe(twice);

        world.Finish();
        var done = Read(world);
        done.Closes.ShouldBeTrue();
        done.InFlight.ShouldBeEmpty();
        done.SuspenseArrived.ShouldBe(done.Suspense.Where(s => world.Arrived.Contains((s.Entry.To, s.Entry.Id))).Sum(s => s.Entry.Amount));
        Held(done).ShouldBe(Deposited(done) + done.SuspenseArrived);

        foreach (var (from, entry) in done.Suspense)
            world.Resolve(from, entry.Id, world.Arrived.Contains((entry.To, entry.Id)) ? SuspenseEnd.WriteOff : from.StartsWith("stake:") ? SuspenseEnd.Repay : SuspenseEnd.Return);
        world.Finish();
        var clean = Read(world);
        clean.ShouldSatisfyAllConditions(c => c.Closes.ShouldBeTrue(), c => c.Suspense.ShouldBeEmpty(), c => c.InFlight.ShouldBeEmpty());
        Held(clean).ShouldBe(Deposited(clean));
    }, iter: 1500);

    [Fact]
    public void Books_that_are_read_while_money_moves_close_too() => Gen.Select(Step.Array[1, 80], Hurry.Array[20, 20], Gen.Shuffle(Enumerable.Range(0, 8).ToArray())).Sample((before, during, order) =>
    {
        var world = Run(new BookWorld(), before);
        var left = new Queue<(int, int, long, int)>(during);

        Read(world, order, () => Run(world, left.TryDequeue(out var step) ? [step] : [])).Closes.ShouldBeTrue();
    }, iter: 3000);

    private static BookWorld Run(BookWorld world, IEnumerable<(int Kind, int Pick, long Amount, int Seconds)> steps)
    {
        foreach (var (kind, pick, amount, seconds) in steps)
        {
            world.Now = world.Now.AddSeconds(seconds);
            world.Do(kind, pick, amount);
        }

        return world;
    }

    private static TrialBalance Read(BookWorld world, int[]? order = null, Action? meanwhile = null)
    {
        var begun = world.Now;
        var since = TrialBalance.Since(begun);
        var statements = new Dictionary<string, LedgerStatement>();
        foreach (int book in order ?? [.. Enumerable.Range(0, world.Books.Count)])
        {
            statements[world.Books[book]] = world.Read(world.Books[book], since, []);
            meanwhile?.Invoke();
        }

        foreach (var (book, asked) in TrialBalance.Questions(statements.Values))
        {
            statements[book] = world.Read(book, since, asked);
            meanwhile?.Invoke();
        }

        return TrialBalance.Of(statements.Values, begun);
    }

    private static long Held(TrialBalance balance) => balance.Lines.Where(l => l.Class is not LedgerClass.Clearing).Sum(l => l.Credit);

    private static long Deposited(TrialBalance balance) => balance.Lines.Single(l => l.Class == LedgerClass.Deposits).Debit;
}
