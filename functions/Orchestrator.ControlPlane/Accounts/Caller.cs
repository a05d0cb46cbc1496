namespace Orchestrator.ControlPlane.Accounts;

/// <summary>Who makes a request.</summary>
/// <param name="Account">The account that pays.</param>
/// <param name="Role">What it may do.</param>
public sealed record Caller(string Account, Role Role)
{
    /// <summary>No key: health routes only.</summary>
    public static Caller Nobody { get; } = new("", Role.User);
}

/// <summary>What a key may do.</summary>
public enum Role
{
    /// <summary>Inference and its own jobs and account.</summary>
    User,

    /// <summary>Also models, placement, blobs and credit.</summary>
    Admin,
}
