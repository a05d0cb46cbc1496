namespace Orchestrator.Verification;

/// <summary>One of a chunk's largest values.</summary>
/// <param name="Index">Its place among the chunk's floating values, in order of pass, tensor and element.</param>
/// <param name="Value">What <see cref="FloatFormat"/> keeps of it, below 65497.</param>
public readonly record struct FingerprintPoint(uint Index, int Value);
