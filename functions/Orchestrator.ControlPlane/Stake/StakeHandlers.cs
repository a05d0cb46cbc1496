using System.Security.Cryptography;
using System.Text;
using Dapr.Actors.Client;
using Microsoft.AspNetCore.Http;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Accounts;
using Orchestrator.ControlPlane.Http;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Stake;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Stake;

/// <summary>
/// A node's stake over HTTP. Only the account that operates the node, as its signed record says, may bond for it, and from then on only that account
/// may be its host; admins may act for it, on its money.
/// </summary>
public sealed class StakeHandlers(IActorProxyFactory actors, StakeDesk desk, IWorkflowClient workflows, ControlPlaneOptions options, TimeProvider time)
{
    private const int MaxIdLength = 128;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary><c>POST /api/nodes/{id}/stake/bond</c>: 202 when it takes longer than a request may.</summary>
    public async Task BondAsync(ApiCall call)
    {
        var (node, request, state) = await ReadAsync(call);
        long amount = Amount(request);
        if (state.Owner is { } owner && owner != node.Record.Host && state.Book is { AtStake: > 0 })
            throw ApiErrors.BadParameter(null, $"The node's stake belongs to account {owner}, which must withdraw it first.");
        if (DryRun(call))
        {
            var account = await actors.Account(node.Record.Host).GetAsync();
            if (account.Available < amount)
                throw ApiErrors.BadParameter("amount", $"Account {node.Record.Host} has {account.Available} of {amount} micro-credits.", "insufficient_funds");
            var book = state.Book ?? StakeBook.Open(node.Record.Node, node.Record.Host);
            await AnswerAsync(call, node, "bond", "dry_run", amount, state with { Owner = node.Record.Host, Book = book.Apply(new Bond("dry-run", node.Record.Host, amount, time.GetUtcNow()), time.GetUtcNow()).Book });
            return;
        }

        string id = EventId(node, "bond", request);
        var order = new BondOrder(id, node.Record.Node, node.Record.Host, amount, time.GetUtcNow());
        string instance = "bond:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 16));
        await workflows.ScheduleAsync(BondTransfer.Name, order, instance, cancellationToken: call.Aborted);
        using var patience = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, call.Aborted);
        string status = "pending";
        try
        {
            var ended = await workflows.WaitForCompletionAsync(instance, both.Token);
            if (ended.ReadOutput<BondOutcome>()?.Problem is { } problem)
                throw ApiErrors.BadParameter("amount", problem, "bond_refused");
            status = "applied";
        }
        catch (OperationCanceledException) when (!call.Aborted.IsCancellationRequested)
        {
            // It goes on; a repeat under the same event id waits for the same transfer.
        }

        await AnswerAsync(call, node, "bond", status, amount, await desk.GetAsync(node.Record.Node), status == "pending" ? StatusCodes.Status202Accepted : StatusCodes.Status200OK);
    }

    /// <summary><c>POST /api/nodes/{id}/stake/unbond</c>.</summary>
    public async Task UnbondAsync(ApiCall call)
    {
        var (node, request, state) = await ReadAsync(call);
        var unbond = new Unbond(EventId(node, "unbond", request), Amount(request), time.GetUtcNow());
        await ActAsync(call, node, "unbond", state, (book, now) => book.Apply(unbond, options.StakeRules, now), () => desk.UnbondAsync(node.Record.Node, unbond, call.Aborted));
    }

    /// <summary><c>POST /api/nodes/{id}/stake/withdraw</c>.</summary>
    public async Task WithdrawAsync(ApiCall call)
    {
        var (node, request, state) = await ReadAsync(call);
        var withdraw = new Withdraw(EventId(node, "withdraw", request), time.GetUtcNow());
        await ActAsync(call, node, "withdraw", state, (book, now) => book.Apply(withdraw, now), () => desk.WithdrawAsync(node.Record.Node, withdraw, call.Aborted));
    }

    /// <summary><c>POST /api/nodes/{id}/stake/release</c>.</summary>
    public async Task ReleaseAsync(ApiCall call)
    {
        var (node, _, state) = await ReadAsync(call);
        await ActAsync(call, node, "release", state, (book, now) => book.Release(now), () => desk.ReleaseAsync(node.Record.Node, call.Aborted));
    }

    private async Task ActAsync(
        ApiCall call, NodeState node, string action, StakeState state, Func<StakeBook, DateTimeOffset, (StakeBook Book, StakeResult Result)> trial, Func<Task<StakeAnswer>> act)
    {
        if (state.Book is not { } book)
            throw ApiErrors.BadParameter(null, "The node has no stake. Bond some first.", "no_stake");
        bool dry = DryRun(call);
        var answer = dry ? Trial() : await act();
        if (answer.Status is not (StakeStatus.Applied or StakeStatus.Duplicate))
            throw Refusal(action, answer);
        await AnswerAsync(call, node, action, dry ? "dry_run" : answer.Status == StakeStatus.Applied ? "applied" : "duplicate", answer.Amount, answer.State);

        StakeAnswer Trial()
        {
            var (after, result) = trial(book, time.GetUtcNow());
            return new StakeAnswer(result.Status, result.Amount, state with { Book = after });
        }
    }

    private static ApiException Refusal(string action, StakeAnswer answer) => answer.Status switch
    {
        StakeStatus.Insufficient when action == "withdraw" => ApiErrors.BadParameter(null, NothingDue(answer.State.Book), "insufficient_stake"),
        StakeStatus.Insufficient => ApiErrors.BadParameter("amount", Insufficient(answer.State.Book), "insufficient_stake"),
        StakeStatus.TooMany => ApiErrors.BadParameter(null, $"The stake has {StakeBook.MaxEntries} entries on their way out. Withdraw first.", "too_many_entries"),
        StakeStatus.NotJailed => ApiErrors.BadParameter(null, "The node is not jailed.", "not_jailed"),
        StakeStatus.TooEarly => ApiErrors.BadParameter(null, $"The jail lasts until {answer.State.Book?.JailedUntil:u}.", "jailed"),
        StakeStatus.Tombstoned => ApiErrors.BadParameter(null, $"The node is barred for good, by {answer.State.Book?.TombstonedBy}. Withdraw its stake and start a node with a new key.", "tombstoned"),
        _ => ApiErrors.BadParameter("event_id", "This was asked for so long ago that it cannot be told whether it was done. Use a new event id.", "too_old"),
    };

    private static string Insufficient(StakeBook? book) => $"There is not that much: {book?.Bonded ?? 0} micro-credits are bonded, {book?.UnbondingTotal ?? 0} unbonding.";

    private static string NothingDue(StakeBook? book) => book?.Unbonding is [var first, ..]
        ? $"Nothing can be withdrawn yet: {book.UnbondingTotal} micro-credits are unbonding, the first of them until {first.ReleasableAt:u}."
        : "Nothing can be withdrawn: no stake is unbonding. Unbond some, and wait.";

    private async Task<(NodeState Node, StakeRequest Request, StakeState State)> ReadAsync(ApiCall call)
    {
        var node = NodeId.TryParse(call.Route("id"), out var id) ? await actors.Node(id).GetAsync() : null;
        if (node is null)
            throw ApiErrors.NotFound("There is no such node. GET /api/nodes lists them.");
        var state = await desk.GetAsync(id);
        string owner = state.Book is { AtStake: > 0 } book ? book.Owner : node.Record.Host;
        if (call.Caller.Role != Role.Admin && call.Caller.Account != owner)
            throw ApiErrors.Forbidden($"Only account {owner}, which operates the node, may move its stake.");
        return (node, await call.ReadAsync(ControlPlaneJson.Default.StakeRequest), state);
    }

    private async Task AnswerAsync(ApiCall call, NodeState node, string action, string status, long amount, StakeState state, int code = StatusCodes.Status200OK) => await call.WriteAsync(
        new StakeActionView(node.Record.Node, action, status, amount, StakeView.Of(state, options.MinBond)), ControlPlaneJson.Default.StakeActionView, code);

    private static bool DryRun(ApiCall call) => call.Http.Request.Query["dry_run"] is ["true"];

    private static long Amount(StakeRequest request) =>
        request.Amount is > 0 ? request.Amount.Value : throw ApiErrors.BadParameter("amount", "'amount' must be above 0 micro-credits.");

    private string EventId(NodeState node, string action, StakeRequest request)
    {
        if (request.EventId is { Length: 0 or > MaxIdLength })
            throw ApiErrors.BadParameter("event_id", $"'event_id' must have 1 to {MaxIdLength} characters.");
        return $"{action}:{node.Record.Node}:{request.EventId ?? Guid.CreateVersion7(time.GetUtcNow()).ToString("n")}";
    }
}
