using Orchestrator.Contracts;

namespace Orchestrator.Verification;

/// <summary>Which stages can be audited in large passes, by fingerprint. All others can be audited exactly only, by a node of the same class.</summary>
public static class BatchedAudits
{
    /// <summary>Why a stage cannot be audited so; null when it can: its tensors grow with the tokens alone, and all it puts out is fingerprinted.</summary>
    public static string? Problem(ShardManifest shard)
    {
        if (shard.Receives.Concat(shard.Sends).FirstOrDefault(tensor => !CanJoin(tensor.Spec)) is { } fixedTensor)
            return $"Tensor '{fixedTensor.Name}' of stage {shard.Stage} cannot be joined over passes; audit this stage exactly.";
        var format = FingerprintBuilder.TypeOf(shard);
        if (shard.Sends.FirstOrDefault(tensor => format is null || tensor.Spec.ElementType != format.Type) is { } bare)
            return $"Tensor '{bare.Name}' of stage {shard.Stage} has no fingerprint; audit this stage exactly.";
        return null;
    }

    /// <summary>Whether a tensor's tokens can be run in other passes: it has one axis of the pass's tokens, and no other that depends on them.</summary>
    private static bool CanJoin(TensorSpec spec) =>
        spec.Shape.Count(axis => axis == TensorSizes.Sequence) == 1 && !spec.Shape.Any(axis => axis is TensorSizes.Total or TensorSizes.Unknown);
}
