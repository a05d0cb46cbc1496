using Dapr.Actors.Client;
using Dapr.Actors.Runtime;
using Microsoft.Extensions.Options;
using Orchestrator.Actors.Documents;
using Orchestrator.Contracts;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ledger;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Stake;

namespace Orchestrator.Actors.Stake;

/// <summary>Hosts a <see cref="StakeBook"/> and a <see cref="NodeReputation"/>: all rules are there. What leaves goes out of an outbox that a reminder watches.</summary>
internal sealed class StakeActor(ActorHost host, TimeProvider time, IActorProxyFactory actors, IOptions<OrchestratorActorOptions> options)
    : DocumentActor<StakeDocument>(host), IStakeActor, IRemindable
{
    private const string Flush = "flush";

    /// <summary>Callers flush at once; the reminder is for those that could not.</summary>
    private static readonly TimeSpan FlushDelay = TimeSpan.FromSeconds(10);

    /// <summary>A reminder this late was lost and is set again.</summary>
    private static readonly TimeSpan Lost = TimeSpan.FromMinutes(1);

    private StakeRules Rules => options.Value.Stake;

    private ReputationRules Scores => options.Value.Reputation;

    public async Task<string> ClaimAsync(string owner)
    {
        var (before, now) = await BeginAsync();
        var after = before.Claim(Node(), owner);
        await FinishAsync(before, after, now);
        return after.Book!.Owner;
    }

    public Task<StakeAnswer> BondAsync(Bond bond) => Turn((book, now) => book.Apply(bond, now), bond.Payer);

    public Task<StakeAnswer> UnbondAsync(Unbond unbond) => Turn((book, now) => book.Apply(unbond, Rules, now));

    public Task<StakeAnswer> WithdrawAsync(Withdraw withdraw) => Turn((book, now) => book.Apply(withdraw, now));

    public Task<StakeAnswer> ReleaseAsync() => Turn((book, now) => book.Release(now));

    public Task<StakeAnswer> ResolveSuspenseAsync(SuspenseDecision decision) => Turn((book, now) => book.Resolve(decision.Id, decision.End, now));

    public async Task<LedgerStatement?> StatementAsync(StatementQuery query)
    {
        var (document, now) = await BeginAsync();
        await FinishAsync(document, document, now);
        return document.Book?.Statement(query);
    }

    public async Task<StakeAnswer> SlashAsync(ProvenFault fault)
    {
        var (before, now) = await BeginAsync();
        // A node without stake can be proven wrong too: it is barred all the same.
        var opened = before.Book is null ? before.Claim(Node(), ActorNames.ProtocolAccount) : before;
        var (book, result) = opened.Book!.Apply(fault.Slash, Rules, now);
        var after = result.Status != StakeStatus.Applied ? before : opened.With(book)
            .Slashed(new SlashLine(now, result.Amount, fault with { Evidence = [.. fault.Evidence.Take(StakeDocument.MaxEvidence)] }));
        await FinishAsync(before, after, now);
        return new StakeAnswer(result.Status, result.Amount, after.State(Scores, now));
    }

    public async Task<NodeStanding> ObserveAsync(IReadOnlyList<Observation> observations)
    {
        var (before, now) = await BeginAsync();
        var after = before.Observe(observations, Scores, now);
        await FinishAsync(before, after, now);
        return after.Standing();
    }

    public async Task ListAuditAsync(AuditLine audit)
    {
        var (before, now) = await BeginAsync();
        await FinishAsync(before, before.List(audit), now);
    }

    public async Task FlushAsync()
    {
        var (before, now) = await BeginAsync();
        var after = await FlushAsync(before, now);
        await FinishAsync(before, after, now);
    }

    public async Task<StakeState> GetAsync()
    {
        var (document, now) = await BeginAsync();
        return document.State(Scores, now);
    }

    public async Task ReceiveReminderAsync(string reminderName, byte[] state, TimeSpan dueTime, TimeSpan period)
    {
        if (reminderName != Flush)
            return;
        var (before, now) = await BeginAsync();
        before = before with { FlushAt = null };
        try
        {
            await FinishAsync(null, await FlushAsync(before, now), now);
        }
        catch (Exception e) when (e is Dapr.Actors.ActorMethodInvocationException or HttpRequestException or Dapr.DaprException)
        {
            // What has not arrived is still in the document: the reminder is set again.
            await FinishAsync(null, before, now);
        }
    }

    /// <summary>Everything that is sent is idempotent by its own id, so a turn that fails half-way is simply repeated.</summary>
    private async Task<StakeDocument> FlushAsync(StakeDocument document, DateTimeOffset now)
    {
        foreach (var payout in document.Book?.Pending ?? [])
        {
            var credited = await actors.Account(payout.Account).CreditAsync(new Credit(payout.EventId, payout.Amount, $"stake of {Id}", payout.IssuedAt, LedgerAccounts.Bonded(Node())));
            var book = document.Book!;
            document = document with
            {
                Book = (credited.Status == CreditStatus.TooOld ? book.Suspend(payout.EventId, SuspenseReason.TooOld, now) : book.Confirm(payout.EventId, now)).Book,
            };
        }

        if (document.Told < document.Version)
            await actors.Node(Node()).StandAsync(document.Standing());
        return document with { Told = document.Version };
    }

    private async Task<StakeAnswer> Turn(Func<StakeBook, DateTimeOffset, (StakeBook, StakeResult)> command, string? owner = null)
    {
        var (before, now) = await BeginAsync();
        var opened = before.Book is null && owner is not null ? before.Claim(Node(), owner) : before;
        if (opened.Book is null)
            return new StakeAnswer(StakeStatus.Insufficient, 0, before.State(Scores, now));
        var (book, result) = command(opened.Book, now);
        var after = opened.With(book);
        await FinishAsync(before, after, now);
        return new StakeAnswer(result.Status, result.Amount, after.State(Scores, now));
    }

    private async Task<(StakeDocument Document, DateTimeOffset Now)> BeginAsync()
    {
        var now = time.GetUtcNow();
        return (await Read() ?? StakeDocument.Newcomer(Scores, now), now);
    }

    private async Task FinishAsync(StakeDocument? before, StakeDocument after, DateTimeOffset now)
    {
        after.Book?.CheckConserved();
        if (after.Owes && (after.FlushAt is not { } at || now - at > Lost))
        {
            // Before the document that counts on it: a reminder too many does no harm.
            await RegisterReminderAsync(Flush, [], FlushDelay, TimeSpan.FromMilliseconds(-1));
            after = after with { FlushAt = now + FlushDelay };
        }

        if (after is { Listed: false, Book: not null })
        {
            // Before the stake holds anything: a listed stake without money does no harm.
            string name = LedgerAccounts.Bonded(Node());
            await actors.LedgerIndex(LedgerIndex.PartOf(name)).AddAsync(name);
            after = after with { Listed = true };
        }

        await Write(before, after);
    }

    private NodeId Node() => NodeId.TryParse(Id.GetId(), out var node) ? node : throw new FormatException($"'{Id}' is not a node id.");
}
