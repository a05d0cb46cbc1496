using System.Text.Json.Serialization;

namespace Orchestrator.Contracts;

/// <summary>Head of an evidence file: what the files behind it are evidence of, and all that nodes signed for it.</summary>
/// <param name="SchemaVersion">Version of this record.</param>
/// <param name="Job">The job.</param>
/// <param name="Manifest">The model's manifest, byte for byte: the receipt names it by its SHA-256.</param>
/// <param name="Result">The chain's signed <see cref="ChainResult"/>, receipts inside.</param>
/// <param name="Stage">The stage whose evidence follows.</param>
/// <param name="Choice">The completion; 0 for the first.</param>
/// <param name="Terms">The platform's signed <see cref="SamplingTerms"/>, for the last stage, which draws; null for others, and in files of platforms that did not give them.</param>
public sealed record EvidenceHead(int SchemaVersion, JobId Job, byte[] Manifest, SignedMessage Result, int Stage, int Choice, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SignedMessage? Terms = null)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;
}
