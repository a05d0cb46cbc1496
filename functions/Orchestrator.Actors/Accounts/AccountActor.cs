using Dapr.Actors.Client;
using Dapr.Actors.Runtime;
using Orchestrator.Actors.Documents;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ledger;

namespace Orchestrator.Actors.Accounts;

/// <summary>Hosts an <see cref="AccountBook"/>: all rules are there.</summary>
internal sealed class AccountActor(ActorHost host, TimeProvider time, IActorProxyFactory actors) : DocumentActor<AccountDocument>(host), IAccountActor, IRemindable
{
    private const string ExpireHolds = "expire-holds";

    /// <summary>Least delay of the reminder, so that a clock that is a little behind the scheduler's does not make it fire over and over.</summary>
    private static readonly TimeSpan LeastDelay = TimeSpan.FromSeconds(1);

    public Task<CreditResult> CreditAsync(Credit credit) => Turn((book, now) =>
    {
        var (next, status) = book.Apply(credit, now);
        return (next, new CreditResult(status, next.ToState(Id.GetId())));
    });

    public Task<HoldResult> HoldAsync(Hold hold) => Turn(
        (book, now) =>
        {
            var (next, status) = book.Apply(hold, now);
            return (next, new HoldResult(status, next.Available));
        },
        hold.Job);

    public async Task<IReadOnlyList<string>> JobsAsync() => [.. ((await Read())?.Jobs ?? []).Reverse()];

    public Task<SettleResult> SettleAsync(Settlement settlement) => Turn((book, now) => book.Apply(settlement, now));

    public Task ConfirmPayoutsAsync(IReadOnlyList<string> eventIds) =>
        Turn((book, now) => (eventIds.Aggregate(book, (next, id) => next.Confirm(id, now)), true));

    public Task SuspendPayoutsAsync(IReadOnlyList<string> eventIds) =>
        Turn((book, now) => (eventIds.Aggregate(book, (next, id) => next.Suspend(id, SuspenseReason.TooOld, now)), true));

    public Task<Suspended?> ResolveSuspenseAsync(SuspenseDecision decision) => Turn((book, now) => book.Resolve(decision.Id, decision.End, now));

    public Task<LedgerStatement> StatementAsync(StatementQuery query) => Turn((book, now) =>
    {
        var next = book.Expire(now);
        return (next, next.Statement(Id.GetId(), Own(), query));
    });

    public Task ReleaseAsync(string job) => Turn((book, now) => (book.Release(job, now), true));

    public Task<AccountState> GetAsync() => Turn((book, now) =>
    {
        var next = book.Expire(now);
        return (next, next.ToState(Id.GetId()));
    });

    public async Task ReceiveReminderAsync(string reminderName, byte[] state, TimeSpan dueTime, TimeSpan period)
    {
        if (reminderName != ExpireHolds)
            return;
        var now = time.GetUtcNow();
        var before = await Read() ?? AccountDocument.Empty;
        await Finish(before, before with { Book = before.Book.Expire(now), ReminderAt = null }, now);
    }

    private async Task<TResult> Turn<TResult>(Func<AccountBook, DateTimeOffset, (AccountBook, TResult)> command, string? job = null)
    {
        var now = time.GetUtcNow();
        var before = await Read() ?? AccountDocument.Empty;
        var (book, result) = command(before.Book, now);
        var after = before.With(book);
        await Finish(before, job is null ? after : after.Listing(job), now);
        return result;
    }

    private async Task Finish(AccountDocument before, AccountDocument after, DateTimeOffset now)
    {
        after.Book.CheckConserved();
        if (after.MissingReminder(now) is { } at)
        {
            // Before the document that counts on it: a reminder too many does no harm.
            var delay = at - now;
            await RegisterReminderAsync(ExpireHolds, [], delay > LeastDelay ? delay : LeastDelay, TimeSpan.FromMilliseconds(-1));
            after = after with { ReminderAt = now + (delay > LeastDelay ? delay : LeastDelay) };
        }

        if (!after.Listed && !ReferenceEquals(after, AccountDocument.Empty))
        {
            // Before the account holds anything: a listed account without money does no harm.
            string name = LedgerAccounts.Account(Id.GetId());
            await actors.LedgerIndex(LedgerIndex.PartOf(name)).AddAsync(name);
            after = after with { Listed = true };
        }

        await Write(before, after);
    }

    private LedgerClass? Own() => Id.GetId() switch
    {
        ActorNames.ProtocolAccount => LedgerClass.Protocol,
        ActorNames.RefundAccount => LedgerClass.Refunds,
        _ => null,
    };
}
