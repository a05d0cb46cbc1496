using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.Core.Reconciliation;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>Input of <see cref="InferenceJob"/>.</summary>
/// <param name="Spec">What to do.</param>
/// <param name="Chains">Chains that were dispatched already, on a hold already made; empty for a batch job, which does both itself.</param>
public sealed record InferenceJobInput(JobSpec Spec, IReadOnlyList<DispatchedChain> Chains);

/// <summary>Event <see cref="InferenceJob.ResultEvent"/>: a chain's result with checked signatures.</summary>
/// <param name="Opened">The result; its own list of receipts is left empty, they are opened beside it.</param>
/// <param name="Evidence">Blob that holds the signed message.</param>
public sealed record ResultArrived(OpenedResult Opened, Digest Evidence);

/// <summary>Event <see cref="InferenceJob.CancelEvent"/>.</summary>
/// <param name="Reason">Who wanted it.</param>
public sealed record CancelRequested(string Reason);
