namespace Orchestrator.Trainer.Llama;

/// <summary>Cosines and sines of rotary positions (Su et al. 2021), [context, headDim / 2] each; the trainer turns by the same table.</summary>
public sealed class RotaryTable
{
    public RotaryTable(int context, int headDim, float theta)
    {
        Half = headDim / 2;
        Cos = new float[context * Half];
        Sin = new float[context * Half];
        for (var position = 0; position < context; position++)
        {
            for (var pair = 0; pair < Half; pair++)
            {
                var angle = position * Math.Pow(theta, -2.0 * pair / headDim);
                Cos[position * Half + pair] = (float)Math.Cos(angle);
                Sin[position * Half + pair] = (float)Math.Sin(angle);
            }
        }
    }

    /// <summary>Pairs per head: the length of a row.</summary>
    public int Half { get; }

    public float[] Cos { get; }

    public float[] Sin { get; }
}
