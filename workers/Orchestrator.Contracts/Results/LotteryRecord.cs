namespace Orchestrator.Contracts;

/// <summary>What the platform says of the lottery that drew a job's audits: all that it takes to draw again.</summary>
/// <param name="PlatformKey">The platform's Ed25519 public key, 64 lower-case hex digits.</param>
/// <param name="Signature">Its signature over <c>orchestrator-audits/1|</c> and the digest of the results, 128 lower-case hex digits.</param>
/// <param name="ChunksPerAudit">Chunks drawn of an audited stage, 1 or more.</param>
/// <param name="Stages">Every stage of every chain, in the order they were drawn in.</param>
public sealed record LotteryRecord(string PlatformKey, string Signature, int ChunksPerAudit, IReadOnlyList<LotteryTicket> Stages);

/// <summary>A stage in the lottery.</summary>
/// <param name="Chain">Number of its chain.</param>
/// <param name="Stage">Its place in it.</param>
/// <param name="Rate">Probability that it was to be audited with, 0 to 1: by the stake and score that its node had then.</param>
/// <param name="Chunks">Chunks of every choice.</param>
/// <param name="Drawn">Which of them were drawn; empty for a stage that was not.</param>
public sealed record LotteryTicket(int Chain, int Stage, double Rate, IReadOnlyList<int> Chunks, IReadOnlyList<DrawnPlace> Drawn);

/// <summary>A drawn chunk of a choice, both from 0 on.</summary>
public sealed record DrawnPlace(int Choice, int Chunk);
