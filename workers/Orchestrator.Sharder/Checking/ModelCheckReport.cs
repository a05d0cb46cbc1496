namespace Orchestrator.Sharder.Checking;

/// <summary>What a check found.</summary>
/// <param name="Problems">Everything that is wrong; empty when the model may be published.</param>
/// <param name="Comparison">How chain and whole compare; null when there was no source model, or the files were already wrong.</param>
public sealed record ModelCheckReport(IReadOnlyList<string> Problems, ChainComparison? Comparison)
{
    /// <summary>Whether nothing is wrong.</summary>
    public bool Passed => Problems.Count == 0;
}

/// <summary>A chain run beside the whole model, with the same tokens and each with its own caches.</summary>
/// <param name="Passes">Passes run: a prefill, a chunk, and single tokens.</param>
/// <param name="Tokens">Tokens over all passes.</param>
/// <param name="Tensors">Output tensors compared (logits and presents of every pass).</param>
/// <param name="BitIdentical">Whether every byte was equal.</param>
/// <param name="MaxDifferenceToSource">Largest difference of a logit between the chain and the source model without any optimization.</param>
public sealed record ChainComparison(int Passes, int Tokens, int Tensors, bool BitIdentical, double MaxDifferenceToSource);
