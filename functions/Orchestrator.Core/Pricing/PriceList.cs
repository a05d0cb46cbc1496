namespace Orchestrator.Core.Pricing;

/// <summary>What inference costs. Sums are exact; anything that does not fit 64 bits is refused.</summary>
/// <param name="MicroCreditsPerLayerToken">Price of one layer over one token on one chain, 0 or more; includes the protocol fee.</param>
/// <param name="ProtocolFeeBasisPoints">Part of every charge that is the protocol's, 0 to 10,000.</param>
public sealed record PriceList(long MicroCreditsPerLayerToken, int ProtocolFeeBasisPoints)
{
    /// <summary>The whole in basis points.</summary>
    public const int Whole = 10_000;

    /// <summary>
    /// The most a job can cost. The prompt counts once and completions in full, on every chain.
    /// </summary>
    /// <param name="promptTokens">Tokens of the prompt, 0 or more.</param>
    /// <param name="maxCompletionTokens">Most tokens drawn over all choices, 0 or more.</param>
    /// <param name="layers">Layers of the model, 1 or more.</param>
    /// <param name="chains">Most chains that may be paid, 1 or more.</param>
    /// <exception cref="OverflowException">The price does not fit 64 bits.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is below its range.</exception>
    public Quote Quote(int promptTokens, int maxCompletionTokens, int layers, int chains) =>
        new(this, promptTokens, maxCompletionTokens, layers, chains, Price(promptTokens, maxCompletionTokens, layers, chains));

    /// <summary>Price of the given numbers.</summary>
    internal long Price(int promptTokens, int completionTokens, int layers, int chains)
    {
        Validate();
        ArgumentOutOfRangeException.ThrowIfNegative(promptTokens);
        ArgumentOutOfRangeException.ThrowIfNegative(completionTokens);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        ArgumentOutOfRangeException.ThrowIfNegative(chains);
        return checked(((long)promptTokens + completionTokens) * layers * chains * MicroCreditsPerLayerToken);
    }

    /// <summary>The protocol's part of a charge, rounded down.</summary>
    public long FeeOf(long charge)
    {
        Validate();
        ArgumentOutOfRangeException.ThrowIfNegative(charge);
        return (long)((Int128)charge * ProtocolFeeBasisPoints / Whole);
    }

    private void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(MicroCreditsPerLayerToken);
        ArgumentOutOfRangeException.ThrowIfNegative(ProtocolFeeBasisPoints);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ProtocolFeeBasisPoints, Whole);
    }
}
