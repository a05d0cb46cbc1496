using Orchestrator.Contracts;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Stake;

/// <summary>
/// Moves money from an account into a node's stake, exactly once: the account holds it and settles the hold into a payout, the stake takes the payout
/// in, the account confirms it. Durable, so that money which has left the account always arrives.
/// </summary>
public sealed class BondTransfer : IWorkflow<BondOrder, BondOutcome>
{
    /// <summary>Registered name.</summary>
    public const string Name = "bond-transfer";

    private static readonly RetryPolicy UntilDone = new(int.MaxValue, TimeSpan.FromMilliseconds(200)) { MaxDelay = TimeSpan.FromMinutes(1) };

    /// <inheritdoc />
    public Task<BondOutcome> RunAsync(IWorkflowContext context, BondOrder input) =>
        context.CallActivityAsync<BondOutcome>(BondActivity.Name, input, UntilDone);
}

/// <summary>A bond to make.</summary>
/// <param name="EventId">Unique for this bond.</param>
/// <param name="Node">Whose stake.</param>
/// <param name="Payer">Account that pays and owns the stake.</param>
/// <param name="Amount">Micro-credits, above 0.</param>
/// <param name="IssuedAt">When it was asked for: the same on every repeat.</param>
public sealed record BondOrder(string EventId, NodeId Node, string Payer, long Amount, DateTimeOffset IssuedAt);

/// <summary>How a bond ended.</summary>
/// <param name="Problem">Why nothing was bonded; null when it was.</param>
public sealed record BondOutcome(string? Problem);
