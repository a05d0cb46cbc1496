using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Core.Ledger;
using Orchestrator.Core.Stake;

namespace Orchestrator.Simulation.World;

/// <summary>
/// The one ledger, and a digest of everything ever booked. Each event must be booked wholly or the simulation stops: an entry balances, every account it touches stays at 0 or above,
/// and a stake book that moved money agrees with the ledger to the unit. The sum over all accounts is looked at again and again on top.
/// </summary>
public sealed class Books
{
    private const int FullCheckEvery = 100_000;

    private readonly IncrementalHash transcript = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] buffer = new byte[4096];

    public LedgerBook Ledger { get; private set; } = LedgerBook.Empty;

    public long Events { get; private set; }

    public string Transcript => Convert.ToHexStringLower(transcript.GetCurrentHash());

    public long Balance(string account) => Ledger[LedgerAccounts.Account(account)];

    public void Book(LedgerEntry entry, DateTimeOffset now)
    {
        if (entry.Postings.Length == 0)
            return;
        var (next, status) = Ledger.Apply(entry, now);
        if (status != LedgerStatus.Applied)
            throw new InvalidOperationException($"Event {entry.EventId} was not booked: {status}.");
        Ledger = next;
        Write(entry);
        if (++Events % FullCheckEvery == 0)
            Ledger.CheckConserved();
    }

    /// <summary>Takes a stake command's outcome: books it, pays what it owes, and compares both sides.</summary>
    public void Take(Node node, (StakeBook Book, StakeResult Result) outcome, DateTimeOffset now)
    {
        Set(node, outcome, now);
        foreach (var payout in node.Stake.Pending)
            Set(node, node.Stake.Confirm(payout.EventId, now), now);
    }

    private void Set(Node node, (StakeBook Book, StakeResult Result) outcome, DateTimeOffset now)
    {
        node.Stake = outcome.Book;
        if (outcome.Result.Entry is not { } entry)
            return;
        Book(entry, now);
        node.Stake.CheckConserved();
        if (Ledger[LedgerAccounts.Bonded(node.Id)] != node.Stake.Bonded || Ledger[LedgerAccounts.Unbonding(node.Id)] != node.Stake.UnbondingTotal
            || Ledger[LedgerAccounts.Payable(node.Id)] != node.Stake.InFlight)
            throw new InvalidOperationException($"The ledger and the stake of {node.Id} disagree after {entry.EventId}.");
    }

    private void Write(LedgerEntry entry)
    {
        int at = Encoding.UTF8.GetBytes(entry.EventId, buffer);
        foreach (var posting in entry.Postings)
        {
            at += Encoding.UTF8.GetBytes(posting.Account, buffer.AsSpan(at));
            BinaryPrimitives.WriteInt64LittleEndian(buffer.AsSpan(at), posting.Amount);
            at += sizeof(long);
        }

        transcript.AppendData(buffer, 0, at);
    }
}
