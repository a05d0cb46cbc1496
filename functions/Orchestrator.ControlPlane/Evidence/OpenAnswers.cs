using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.OpenAi;
using Orchestrator.ControlPlane.Workflows;
using Orchestrator.Core.Settlement;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Evidence;

/// <summary>
/// Which answers anybody with a stake may look at and challenge now. Read from the workflows of all running jobs, so callers within a moment share one reading.
/// </summary>
public sealed class OpenAnswers(IWorkflowClient workflows, TimeProvider time) : IDisposable
{
    /// <summary>Most that are listed: those that end first.</summary>
    public const int Most = 1000;

    private static readonly TimeSpan Age = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim reading = new(1);
    private IReadOnlyList<OpenAnswerView> known = [];
    private long? taken;

    /// <summary>The answers, those that end first at the front; as they were at most two seconds ago.</summary>
    public async Task<IReadOnlyList<OpenAnswerView>> ListAsync(CancellationToken cancel)
    {
        await reading.WaitAsync(cancel);
        try
        {
            if (taken is null || time.GetElapsedTime(taken.Value) >= Age)
            {
                known = await ReadAsync(cancel);
                taken = time.GetTimestamp();
            }
        }
        finally
        {
            reading.Release();
        }

        var now = time.GetUtcNow();
        return [.. known.Where(a => !(a.OpenUntil <= now))];
    }

    /// <inheritdoc />
    public void Dispose() => reading.Dispose();

    private async Task<IReadOnlyList<OpenAnswerView>> ReadAsync(CancellationToken cancel)
    {
        List<OpenAnswerView> found = [];
        await foreach (var state in workflows.ListAsync(new WorkflowQuery { Name = InferenceJob.Name, Statuses = [WorkflowStatus.Running] }, cancel))
        {
            if (JobSnapshot.Of(state) is { Spec.Evidence: EvidenceAudience.Public, Answer.Info.Assurance.Finality: Finality.Provisional } job)
                found.Add(View(job));
        }

        return [.. found.OrderBy(a => a.OpenUntil ?? DateTimeOffset.MaxValue).Take(Most)];
    }

    private static OpenAnswerView View(JobSnapshot job)
    {
        var (spec, info) = (job.Spec, job.Answer!.Info);
        return new(
            spec.Job, spec.Model, spec.Manifest, spec.CreatedAt, info.Assurance.FinalAt,
            (job.Progress.Checks ?? []).Any(c => c is { Kind: "audit", Verdict: "running" }), spec.Choices,
            [.. from agreed in info.Chains
                join chain in job.Progress.Chains on (agreed.Chain, agreed.Attempt) equals (chain.Chain, chain.Attempt)
                select new OpenChainView(chain.Chain, chain.Session, [.. agreed.Stages.OrderBy(s => s.Stage).Select(s => s.Node)])]);
    }
}
