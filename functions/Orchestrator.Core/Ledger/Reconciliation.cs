using Orchestrator.Core.Events;

namespace Orchestrator.Core.Ledger;

/// <summary>Matches both sides of every transfer that statements show.</summary>
/// <param name="InFlight">Those with one side only.</param>
/// <param name="Doubtful">Micro-credits of payouts of which their receivers cannot tell whether they arrived.</param>
internal sealed record Reconciliation(IReadOnlyList<TransferInFlight> InFlight, long Doubtful)
{
    /// <summary>Micro-credits in flight in a state.</summary>
    public long Sum(TransferState state) => InFlight.Where(t => t.State == state).Aggregate(0L, (sum, t) => checked(sum + t.Amount));

    /// <summary>Matches.</summary>
    /// <param name="statements">One per book.</param>
    /// <param name="arrivals">What arrived from then on must have left a payer that says so, or one that was read before.</param>
    public static Reconciliation Of(IReadOnlyCollection<LedgerStatement> statements, DateTimeOffset arrivals)
    {
        var arrived = new HashSet<(string To, string Id)>();
        var doubted = new HashSet<(string To, string Id)>();
        foreach (var statement in statements)
        {
            arrived.UnionWith(statement.Moves.Where(m => m.In).Select(m => (statement.Account, m.Id)));
            arrived.UnionWith(statement.Answers.Where(a => a.Value == Freshness.Duplicate).Select(a => (statement.Account, a.Key)));
            doubted.UnionWith(statement.Answers.Where(a => a.Value == Freshness.TooOld).Select(a => (statement.Account, a.Key)));
        }

        doubted.ExceptWith(arrived);
        var inFlight = new List<TransferInFlight>();
        var left = new HashSet<(string To, string Id)>();
        long doubtful = 0;
        foreach (var statement in statements)
        {
            foreach (var sent in statement.Pending)
            {
                left.Add((sent.To, sent.Id));
                bool there = arrived.Contains((sent.To, sent.Id));
                inFlight.Add(new(sent.Id, statement.Account, sent.To, sent.Amount, there ? TransferState.Arrived : TransferState.Sent));
                if (doubted.Contains((sent.To, sent.Id)))
                    doubtful = checked(doubtful + sent.Amount);
            }

            foreach (var suspended in statement.Suspense)
            {
                left.Add((suspended.To, suspended.Id));
                if (arrived.Contains((suspended.To, suspended.Id)) || doubted.Contains((suspended.To, suspended.Id)))
                    doubtful = checked(doubtful + suspended.Amount);
            }

            foreach (var confirmed in statement.Moves.Where(m => !m.In))
            {
                left.Add((confirmed.Other, confirmed.Id));
                // A receiver that forgot it said that it has it, or it would not be confirmed.
                if (!arrived.Contains((confirmed.Other, confirmed.Id)) && !doubted.Contains((confirmed.Other, confirmed.Id)))
                    inFlight.Add(new(confirmed.Id, statement.Account, confirmed.Other, confirmed.Amount, TransferState.Confirmed));
            }
        }

        foreach (var statement in statements)
        {
            // A transfer is at most once in a trail, so an arrival without its departure was read after its payer.
            inFlight.AddRange(statement.Moves
                .Where(m => m.In && m.At >= arrivals && !left.Contains((statement.Account, m.Id)))
                .Select(m => new TransferInFlight(m.Id, m.Other, statement.Account, m.Amount, TransferState.Arrived)));
        }

        return new(inFlight, doubtful);
    }
}
