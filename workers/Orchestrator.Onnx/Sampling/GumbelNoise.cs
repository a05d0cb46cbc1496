namespace Orchestrator.Onnx.Sampling;

/// <summary>
/// Standard Gumbel noise as a function of (seed, choice, position, token). The first three are folded by the SplitMix64 finalizer
/// (Steele, Lea and Flood, OOPSLA 2014) into the state of one generator; a token's 64 bits are that generator's output number
/// <c>token + 1</c>: with γ = 0x9E3779B97F4A7C15,
/// <c>state = mix(mix(mix(seed + γ) + choice + γ) + position + γ)</c> and <c>bits = mix(state + (token + 1)·γ)</c>.
/// The upper 52 bits n give <c>u = (n + ½)·2⁻⁵²</c> in (0, 1) and the noise <c>-ln(-ln u)</c>.
/// </summary>
internal readonly struct GumbelNoise(ulong seed, int choice, int position)
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;
    private const double Ln2 = 0.6931471805599453;

    private readonly ulong state = Mix(Mix(Mix(seed + Gamma) + (uint)choice + Gamma) + (uint)position + Gamma);

    /// <summary>The uniform number of a token, in (0, 1).</summary>
    internal double Uniform(int token) => ((Mix(state + ((uint)token + 1ul) * Gamma) >> 12) + 0.5) * (1.0 / (1ul << 52));

    /// <summary>The noise for a uniform number.</summary>
    internal static double Of(double uniform) => -PortableMath.Log(-PortableMath.Log(uniform));

    /// <summary>
    /// A number the noise cannot pass, from the exponent of 1 - u alone: as -ln u >= 1 - u, the noise is at most -ln(1 - u).
    /// </summary>
    internal static double Bound(double uniform) => -Math.ILogB(1 - uniform) * Ln2 + 1e-9;

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
