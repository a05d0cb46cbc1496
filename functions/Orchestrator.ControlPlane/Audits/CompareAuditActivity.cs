using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Diagnostics;
using Orchestrator.ControlPlane.Models;
using Orchestrator.Durable;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Audits;

/// <summary>Compares an auditor's report with the chunk file of the audited stage, which fits its receipt.</summary>
public sealed class CompareAuditActivity(IBlobStore blobs, PinnedManifests manifests, ControlPlaneMetrics metrics) : IActivity<AuditToCompare, AuditFinding>
{
    /// <summary>Registered name.</summary>
    public const string Name = "compare-audit";

    /// <inheritdoc />
    public async Task<AuditFinding> RunAsync(ActivityContext context, AuditToCompare input)
    {
        var finding = await CompareAsync(context, input);
        metrics.Audited(finding.Kind.ToString().ToLowerInvariant());
        return finding;
    }

    private async Task<AuditFinding> CompareAsync(ActivityContext context, AuditToCompare input)
    {
        var receipt = input.Receipt;
        await using var file = await blobs.OpenAsync(input.Chunks, context.CancellationToken);
        using var bytes = new MemoryStream();
        await file.CopyToAsync(bytes, context.CancellationToken);
        if (!ChunkFile.TryRead(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), receipt.Committed, out var chunks, out string? error))
            throw new InvalidDataException($"The stored chunk file does not fit its receipt any more: {error}.");
        if (input.Report.Mode == AuditMode.Exact)
        {
            // A node may have come back with another runtime since its class was read: its bits prove nothing then, and it is not to blame for them.
            return input.Report.Class == receipt.Class
                ? AuditComparison.Exact(input.Report, [.. chunks.Select(c => c.Output)])
                : new AuditFinding(FindingKind.Unusable, null, "The auditor ran in another class than it had promised.");
        }

        var manifest = await manifests.GetAsync(receipt.Model, receipt.Manifest, context.CancellationToken);
        if (FingerprintBuilder.TypeOf(manifest.Stages[receipt.Stage]) is not { } format)
            return new AuditFinding(FindingKind.Unusable, null, $"Stage {receipt.Stage} puts out nothing that has a fingerprint.");
        var thresholds = FingerprintThresholds.Between(receipt.Class, input.Report.Class, format);
        IReadOnlyList<byte[]> fingerprints = [.. chunks.Select(c => c.Fingerprint)];
        var finding = Within(input.Margin);
        bool far = finding.Kind != FindingKind.Outputs || Within(Math.Max(input.Margin, FingerprintThresholds.FarFactor)).Kind == FindingKind.Outputs;
        return finding with { Certain = far && FingerprintThresholds.Calibrated(receipt.Class, input.Report.Class, format) };

        AuditFinding Within(int margin) => AuditComparison.Batched(input.Report, fingerprints, thresholds.Times(margin), format, receipt.Draws?.Sampling);
    }
}

/// <summary>A report and what to compare it with.</summary>
/// <param name="Receipt">The audited receipt.</param>
/// <param name="Chunks">Blob with its chunk file.</param>
/// <param name="Report">The auditor's report, checked against its task.</param>
/// <param name="Margin">How many times as far apart as honest runs may be fingerprints count as different: more than 1 to be sure of it.</param>
public sealed record AuditToCompare(CheckedReceipt Receipt, Digest Chunks, AuditReport Report, int Margin = 1);
