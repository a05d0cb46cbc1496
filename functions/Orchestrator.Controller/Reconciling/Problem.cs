namespace Orchestrator.Controller.Reconciling;

/// <summary>Why a model is not as it should be.</summary>
/// <param name="Reason">One word: the reason of condition <c>Degraded</c>.</param>
/// <param name="Message">What went wrong and what helps.</param>
public sealed record Problem(string Reason, string Message)
{
    /// <summary>The profile is not configured.</summary>
    public const string UnknownProfile = "UnknownProfile";

    /// <summary>The API server refuses what the controller wants.</summary>
    public const string Refused = "ClusterRefused";

    /// <summary>An object that is not the controller's has the name of one that it wants.</summary>
    public const string NameTaken = "NameTaken";

    /// <summary>Objects of an earlier model of this name are still going away.</summary>
    public const string Leftovers = "WaitingForLeftovers";

    /// <summary>Another InferenceModel publishes another model under the same name.</summary>
    public const string ModelNameTaken = "ModelNameTaken";

    /// <summary>The manifest has another number of stages.</summary>
    public const string StagesMismatch = "StagesMismatch";

    /// <summary>The manifest is not valid.</summary>
    public const string BadManifest = "InvalidManifest";

    /// <summary>Something that the controller did not expect; its log has the details.</summary>
    public const string InternalError = "InternalError";

    /// <summary>The platform could not be told that the model goes.</summary>
    public const string CannotWithdraw = "CannotWithdraw";
}

/// <summary>A reconciliation cannot go on.</summary>
public sealed class ProblemException(string reason, string message) : Exception(message)
{
    /// <summary>What the status will say.</summary>
    public Problem Problem { get; } = new(reason, message);
}
