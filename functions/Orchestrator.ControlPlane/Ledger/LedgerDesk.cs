using System.Collections.Concurrent;
using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.ControlPlane.Accounts;
using Orchestrator.ControlPlane.Diagnostics;
using Orchestrator.ControlPlane.Stake;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ledger;
using Orchestrator.Core.Stake;

namespace Orchestrator.ControlPlane.Ledger;

/// <summary>Reads every book for a trial balance, and ends suspenses.</summary>
public sealed class LedgerDesk(IActorProxyFactory actors, StakeDesk stakes, TimeProvider time, ControlPlaneMetrics metrics)
{
    /// <summary>Books read at a time: each is a turn of its actor, which jobs wait for.</summary>
    private const int AtATime = 32;

    /// <summary>A difference must show this often in a row: a turn that lost its write is repaired by its repeat.</summary>
    private const int Readings = 3;

    /// <summary>Draws a trial balance over all books.</summary>
    public async Task<TrialBalance> DrawAsync(CancellationToken cancel)
    {
        var balance = await ReadAsync(cancel);
        for (int reading = 1; reading < Readings && !balance.Closes; reading++)
            balance = await ReadAsync(cancel);
        metrics.Balanced(balance);
        return balance;
    }

    /// <summary>Ends a suspense of a book; false when there is no such payout. May be repeated.</summary>
    public async Task<bool> ResolveAsync(string book, SuspenseDecision decision, CancellationToken cancel)
    {
        if (LedgerAccounts.TryStake(book) is { } node)
        {
            var answer = await actors.Stake(node).ResolveSuspenseAsync(decision);
            await actors.Stake(node).FlushAsync();
            return answer.Status == StakeStatus.Applied;
        }

        string account = LedgerAccounts.Named(book);
        var ended = await actors.Account(account).ResolveSuspenseAsync(decision);
        if (decision.End != SuspenseEnd.Repay)
            return ended is not null;
        // Also for a repeat: the first may have ended before it had delivered.
        var settled = await actors.Account(account).SettleAsync(new Settlement(LedgerSide.Again(decision.Id), [], time.GetUtcNow()));
        var bonds = settled.Payouts.Where(p => LedgerAccounts.TryStake(p.Account) is not null).ToList();
        await actors.DeliverAsync(account, settled with { Payouts = [.. settled.Payouts.Except(bonds)] }, "paid again");
        foreach (var bond in bonds)
        {
            await stakes.BondAsync(LedgerAccounts.TryStake(bond.Account)!.Value, new Bond(bond.EventId, account, bond.Amount, settled.IssuedAt), cancel);
            await actors.Account(account).ConfirmPayoutsAsync([bond.EventId]);
        }

        return settled.Status == SettleStatus.Settled;
    }

    private async Task<TrialBalance> ReadAsync(CancellationToken cancel)
    {
        var begun = time.GetUtcNow();
        var since = TrialBalance.Since(begun);
        var listed = await Task.WhenAll(Enumerable.Range(0, LedgerIndex.Parts).Select(part => actors.LedgerIndex(part).GetAsync()));
        var statements = new ConcurrentDictionary<string, LedgerStatement>(StringComparer.Ordinal);
        await EachAsync(listed.SelectMany(b => b), book => ReadAsync(book, new(since, [])));
        await EachAsync(TrialBalance.Questions([.. statements.Values]), question => ReadAsync(question.Key, new(since, question.Value)));
        return TrialBalance.Of([.. statements.Values], begun);

        async Task ReadAsync(string book, StatementQuery query)
        {
            var statement = LedgerAccounts.TryStake(book) is { } node
                ? await actors.Stake(node).StatementAsync(query)
                : await actors.Account(LedgerAccounts.Named(book)).StatementAsync(query);
            if (statement is not null)
                statements[book] = statement;
        }

        Task EachAsync<T>(IEnumerable<T> items, Func<T, Task> read) =>
            Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancel }, async (item, _) => await read(item));
    }
}
