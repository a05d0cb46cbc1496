namespace Orchestrator.Contracts;

/// <summary>All that nodes signed for a job, for anybody to check offline.</summary>
/// <param name="SchemaVersion">Version of this document.</param>
/// <param name="Job">The job.</param>
/// <param name="Manifest">The model's manifest, byte for byte: receipts name it by its SHA-256.</param>
/// <param name="Results">The signed <see cref="ChainResult"/>s, receipts inside, one per chain that answered.</param>
/// <param name="Prompt">What was asked; null when it is not given out, whoever asked then adds it.</param>
/// <param name="Lottery">How its audits were drawn; null when none could be, or while they run.</param>
public sealed record ReceiptsDocument(int SchemaVersion, JobId Job, byte[] Manifest, IReadOnlyList<SignedMessage> Results, Prompt? Prompt, LotteryRecord? Lottery = null)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;
}
