using System.Text.Json.Serialization;

namespace Orchestrator.Core.Accounts;

/// <summary>Money set aside for a job.</summary>
/// <param name="Job">The job id.</param>
/// <param name="Amount">Micro-credits, 0 or more.</param>
/// <param name="ExpiresAt">When it is released unless settled.</param>
public sealed record Hold(string Job, long Amount, DateTimeOffset ExpiresAt);

/// <summary>Whether a hold was made.</summary>
/// <param name="Status">What happened.</param>
/// <param name="Available">Balance not on hold, after the call.</param>
public sealed record HoldResult(HoldStatus Status, long Available)
{
    /// <summary>True when the money is set aside.</summary>
    [JsonIgnore]
    public bool Accepted => Status == HoldStatus.Held;
}

/// <summary>Outcome of a hold.</summary>
public enum HoldStatus
{
    /// <summary>Set aside now or before.</summary>
    Held,

    /// <summary>The balance does not cover it.</summary>
    InsufficientFunds,

    /// <summary>The job was settled or released before.</summary>
    Closed,

    /// <summary><see cref="Hold.ExpiresAt"/> has passed.</summary>
    Expired,

    /// <summary>The account has <see cref="AccountBook.MaxJobs"/> jobs that it must not forget, or too many payouts in flight: settle jobs and confirm payouts.</summary>
    TooManyHolds,
}
