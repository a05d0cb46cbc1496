namespace Orchestrator.Trainer.Training;

/// <summary>AdamW (Loshchilov and Hutter 2019) for one tensor.</summary>
internal static class AdamW
{
    private const float Beta1 = 0.9f, Beta2 = 0.98f, Epsilon = 1e-8f;

    /// <param name="step">1 at the first update.</param>
    public static void Step(Span<float> weights, ReadOnlySpan<float> gradient, Span<float> first, Span<float> second, int step, float rate, float decay)
    {
        var correct1 = 1f - Power(Beta1, step);
        var correct2 = 1f - Power(Beta2, step);
        for (var i = 0; i < weights.Length; i++)
        {
            var g = gradient[i];
            first[i] = Beta1 * first[i] + (1f - Beta1) * g;
            second[i] = Beta2 * second[i] + (1f - Beta2) * g * g;
            weights[i] = weights[i] * (1f - rate * decay) - rate * (first[i] / correct1) / (MathF.Sqrt(second[i] / correct2) + Epsilon);
        }
    }

    /// <summary>By squaring, so that the bits do not depend on a math library.</summary>
    private static float Power(float x, int exponent)
    {
        var (result, power) = (1.0, (double)x);
        for (; exponent > 0; exponent >>= 1, power *= power)
            result *= (exponent & 1) == 1 ? power : 1.0;
        return (float)result;
    }
}
