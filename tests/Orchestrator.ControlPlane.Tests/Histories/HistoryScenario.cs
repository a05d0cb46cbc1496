using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Stake;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.ControlPlane.Webhooks;
using Orchestrator.ControlPlane.Workflows;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests.Histories;

/// <summary>One way a job goes, of which a history is kept.</summary>
/// <param name="Name">Begins the names of its files.</param>
/// <param name="Assurance">What the request asks for.</param>
/// <param name="Behave">What its chains do.</param>
/// <param name="Batch">Submitted as a job; else asked for and answered in one request.</param>
/// <param name="Cancel">Cancelled once all its chains wait in their scripts.</param>
/// <param name="Placed">Chains that the model is placed on, each on nodes of its own.</param>
/// <param name="Withholds">Stages whose nodes serve no evidence.</param>
/// <param name="Hook">Whoever is told of its end is busy the first time.</param>
/// <param name="Outsider">Somebody bonds a stake, looks at the evidence and challenges the answer, which nobody audits.</param>
/// <param name="Mixed">Its two chains are of different classes.</param>
internal sealed record HistoryScenario(
    string Name, string Assurance, Func<Assignment, Script> Behave, bool Batch = false, bool Cancel = false, int Placed = 3, Func<int, bool>? Withholds = null,
    bool Hook = false, bool Outsider = false, bool Mixed = false)
{
    public static IReadOnlyList<HistoryScenario> All { get; } =
    [
        new("none", "none", _ => Script.Honest),
        new("sampled", "sampled", _ => Script.Honest),
        new("redundant", "redundant:2", _ => Script.Honest),
        new("optimistic", "optimistic", _ => Script.Honest),
        new("batch", "redundant:2", _ => Script.Honest, Batch: true),
        new("repaired", "redundant:2", a => a is { Chain: 1, Attempt: 0 } ? new() { Failure = new(FailureCodes.Refused, "stage 2 is full", 2) } : Script.Honest),
        new("silent", "redundant:2", a => a is { Chain: 1, Attempt: 0 } ? new() { Silent = true } : Script.Honest),
        new("outvoted", "redundant:2", a => a.Chain == 1 ? new() { Falsifies = stage => stage == 2, Lie = t => t == 'Y' ? 'Z' : t } : Script.Honest),
        new("refereed", "redundant:2", a => a.Attempt == 0 ? new() { Falsifies = stage => stage == a.Chain } : Script.Honest, Placed: 4),
        new("mixed", "redundant:2", _ => Script.Honest, Placed: 2, Mixed: true),
        new("overturned", "sampled", _ => new() { Falsifies = stage => stage == 1 }),
        new("withheld", "sampled", _ => Script.Honest, Withholds: stage => stage == 2),
        new("cancelled", "redundant:2", _ => new() { Pause = (2, Task.Delay(Timeout.Infinite)) }, Batch: true, Cancel: true),
        new("told", "sampled", _ => Script.Honest, Batch: true, Hook: true),
        new("challenged", "optimistic", _ => new() { Falsifies = stage => stage == 1 }, Batch: true, Outsider: true),
    ];

    /// <summary>Workflows of which this scenario keeps histories at the least.</summary>
    public IReadOnlyList<string> Kept =>
        Hook ? [InferenceJob.Name, WebhookDelivery.Name] : Outsider ? [InferenceJob.Name, BondTransfer.Name, EvidenceWorkflow.Name, DisputeWorkflow.Name] : [InferenceJob.Name];

    /// <summary>Runs it until nothing of it runs any more, and gives what the journal has of it then.</summary>
    public async Task<IReadOnlyList<StoredHistory>> RunAsync(CancellationToken cancel)
    {
        await using var platform = await Platform.StartAsync(nodes: Placed * 4, chains: Placed, configure: Configure, floats: Mixed);
        if (Mixed)
            await platform.MixClassesAsync();
        platform.Network.Behave = Behave;
        platform.Network.Court.Withholds = r => Withholds?.Invoke(r.Stage) ?? false;
        if (Outsider)
            platform.Network.Court.Audits = _ => FakeAuditor.Silent;
        await using var receiver = Hook ? await BusyReceiver.StartAsync() : null;
        var own = new Dictionary<string, string> { ["assurance"] = Assurance };
        if (receiver is not null)
            own["webhook"] = receiver.Address;
        if (Outsider)
            own["evidence"] = "public";
        using var client = platform.Client();
        using var response = await client.PostAsync(Batch ? "/api/jobs" : "/v1/chat/completions", Platform.Json(JsonSerializer.Serialize(new
        {
            model = platform.Model.Manifest.Name,
            messages = new[] { new { role = "user", content = Name } },
            max_tokens = 60,
            orchestrator = own,
        })), cancel);
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync(cancel));
        string job = response.Headers.GetValues("x-orchestrator-job").Single();
        if (Cancel)
        {
            foreach (var session in await platform.Network.Sessions.CountAsync(2, cancel))
                await Eventually.Ends(session.Paused.Task, () => "the chain does not come to its pause");
            await client.DeleteAsync($"/api/jobs/{job}", cancel);
        }

        if (Outsider)
            await OutsiderChallenge.RunAsync(platform, job, cancel);

        await platform.ShouldCloseAsync();
        return StoredHistory.Of(platform.JournalPath);
    }

    private ControlPlaneOptions Configure(ControlPlaneOptions options)
    {
        if (Hook)
            return options with { Webhooks = new WebhookOptions { AllowHttp = true, AllowedNetworks = ["127.0.0.0/8"] } };
        if (!Outsider)
            return options;
        var second = TimeSpan.FromSeconds(1);
        return options with { Audits = options.Audits with { ChallengeWindow = TimeSpan.FromHours(1), ReportPatience = second, AuditorPatience = second, Auditors = 1 } };
    }
}
